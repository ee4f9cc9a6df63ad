import type { OscConfig } from './schema';

type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** A component where it is chosen: its name, or its name with options. */
type Loose<T> = { [K in keyof T]: T[K] extends { name: string } | null ? T[K] | string : T[K] };

/** What a config file may hold. */
export interface ConfigFileInput extends DeepPartial<{ [K in keyof OscConfig]: Loose<OscConfig[K]> }> {
  /** Other config files that this one builds on: paths from this file, or names of packages. */
  extends?: string | readonly string[];
  /** Plugin packages to enable: names, or paths from this file. */
  plugins?: readonly string[];
  /** Folders with YAML groups of your own, from this file. */
  configDirs?: readonly string[];
  /** Choices of config groups, e.g. `{ 'model/obj_queries': 'kmeans_euclidean' }`; null = none. */
  defaults?: Readonly<Record<string, string | readonly string[] | null>>;
}
