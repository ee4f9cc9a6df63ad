import type { ChosenComponent } from './component-schema';
import type { OscConfig } from './schema';

/** A part of a config as a file may have it: every key may be left out. */
type Written<T> = T extends ChosenComponent
  ? string | WrittenNode<T>
  : T extends readonly (infer Item)[]
    ? Item extends ChosenComponent
      ? readonly Written<Item>[]
      : T
    : T extends object
      ? WrittenMap<T>
      : T;

/** A component where it is chosen, with options of its own and keys of its parent. */
type WrittenNode<T> = { name?: string; [option: string]: unknown } & {
  [K in Exclude<keyof T, 'name' | 'options'>]?: Written<T[K]>;
};

/** Beside a list of components there may be sections with options of them. */
type WrittenMap<T> = { [K in keyof T]?: Written<T[K]> } & (HasList<T> extends true ? Record<string, unknown> : unknown);

type HasList<T> = true extends { [K in keyof T]: T[K] extends readonly ChosenComponent[] ? true : never }[keyof T]
  ? true
  : false;

/** What a config file may hold. */
export interface ConfigFileInput extends WrittenMap<Omit<OscConfig, 'unlisted'>> {
  /** Other config files that this one builds on: paths from this file, or names of packages. */
  extends?: string | readonly string[];
  /** Plugin packages to enable: names, or paths from this file. */
  plugins?: readonly string[];
  /** Folders with YAML groups of your own, from this file. */
  configDirs?: readonly string[];
  /** Choices of config groups, e.g. `{ 'model/obj_queries': 'kmeans_euclidean' }`; null = none. */
  defaults?: Readonly<Record<string, string | readonly string[] | null>>;
}
