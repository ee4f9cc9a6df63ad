import { describeOrigin, type OscConfig } from '../config';
import type { ProjectInput } from './input';
import { openProject } from './project';

/** The config that training with the same input would have. */
export interface ComposedConfig {
  readonly values: OscConfig;
  /** The overrides, in the grammar's own spelling: read again they give the same config. */
  readonly overrides: readonly string[];
  /** The value at a dotted key; all for `''`. @throws UsageError where there is none */
  get(key: string): unknown;
  /** As YAML: all of it, or the part at a dotted key; with `origins` each value with where it comes from. */
  toYaml(key?: string, options?: { readonly origins?: boolean | undefined }): string;
  /** Where every value comes from, by its dotted key: file and line, flag, override or default. */
  origins(key?: string): Record<string, string>;
}

/** @throws UsageError for all that is wrong in files, plugins and overrides */
export async function composeConfig(input: ProjectInput): Promise<ComposedConfig> {
  const { cwd = process.cwd() } = input;
  const { config } = await openProject(input);
  return {
    values: config.values,
    overrides: config.overrides,
    get: (key) => config.get(key),
    toYaml: (key = '', { origins = false } = {}) => config.toYaml(key, { origins, cwd }),
    origins: (key = '') =>
      Object.fromEntries(Array.from(config.entries(key), ([name]) => [name, describeOrigin(config.origin(name), cwd)])),
  };
}
