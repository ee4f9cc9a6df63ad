/**
 * `import { defineConfig } from 'osc-trainer/config'`: types for `osc.config.ts`. It loads nothing else of osc, so that
 * reading the file stays quick.
 */
import type { ConfigFileInput } from './file-types';

export type { ConfigFileInput } from './file-types';

/** Returns what it is given; its only use is to tell an editor the keys. */
export function defineConfig(config: ConfigFileInput): ConfigFileInput {
  return config;
}
