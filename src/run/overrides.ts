/** `overrides.yaml`: what the user wrote on the command line of a run, and which plugins its config was composed with. */
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { parseYamlData } from '../config/yaml-data';
import { listOf } from '../util/zod-problems';
import { OVERRIDES_FILE } from './directory';
import { readRunFile } from './read-run-file';

const schema = z.looseObject({ plugins: listOf(z.string()), overrides: listOf(z.string()) });

export interface SavedOverrides {
  /** Packages, by name or absolute path. */
  readonly plugins: readonly string[];
  /** Overrides and flags, those of resumes after the first ones. */
  readonly overrides: readonly string[];
}

/** @param folder of the run or the imported checkpoint; @throws UsageError where the file is missing or damaged */
export function readOverrides(folder: string): SavedOverrides {
  const file = join(folder, OVERRIDES_FILE);
  return readRunFile(file, (text) => parseYamlData(text, file), schema);
}

/** The text of the file. */
export function formatOverrides({ plugins, overrides }: SavedOverrides): string {
  return stringify({ plugins, overrides }, { compat: 'yaml-1.1' });
}
