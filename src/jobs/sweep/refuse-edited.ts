/** A run of a sweep whose config is another one now would go on as something that nobody asked for. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { parseYamlData } from '../../config/yaml-data';
import { jobFiles, jobFolder, type SweepJob } from '../../launch';
import { CONFIG_FILE, readOverrides, readRunFile } from '../../run';
import { UsageError } from '../../sdk';

const configSchema = z.record(z.string(), z.unknown());
type Config = z.infer<typeof configSchema>;

/** Keys that a message names. */
const MAX_NAMED = 8;

/**
 * Compares the config of a job's run with the one that the sweep was started with. What was left open there (a seed that is drawn, a
 * name, measured colours) may be filled in; what a resume of the run itself has changed stands in its `overrides.yaml`.
 *
 * @throws UsageError where they differ, and for damaged files
 */
export function refuseEdited(sweep: string, { number, overrides }: Pick<SweepJob, 'number' | 'overrides'>): void {
  const run = join(sweep, jobFolder(number));
  const file = join(run, CONFIG_FILE);
  if (!existsSync(file)) return;
  const asked = readConfig(jobFiles(sweep, number).config);
  const found = readConfig(file);
  const later = readOverrides(run).overrides.slice(overrides.length);
  const keys = [...differences(asked, found)].filter((key) => !later.some((text) => isOf(text, key)));
  if (keys.length === 0) return;
  const more = keys.length > MAX_NAMED ? ` and ${keys.length - MAX_NAMED} more` : '';
  throw new UsageError(
    `The config of the run ${run} was edited: ${keys.slice(0, MAX_NAMED).join(', ')}${more}.`,
    `It differs from that of job ${number} of the sweep, ${jobFiles(sweep, number).config}.`,
    [
      `give ${file} its values back`,
      `rm -r ${run}    (the job starts anew)`,
      `osc train --resume ${run}    (goes on with that run alone)`,
    ],
  );
}

function readConfig(file: string): Config {
  return readRunFile(file, (text) => parseYamlData(text, file), configSchema);
}

/** Dotted keys whose value was asked for and is another one. */
function* differences(asked: unknown, found: unknown, key = ''): Generator<string> {
  if (asked === null || asked === undefined || isDeepStrictEqual(asked, found)) return;
  if (key === 'data.normalize' && isMap(asked) && asked['from_data'] !== null) return; // measured as the run began
  if (!isMap(asked) || !isMap(found)) {
    yield key;
    return;
  }
  for (const [name, value] of Object.entries(asked))
    yield* differences(value, found[name], key === '' ? name : `${key}.${name}`);
}

function isMap(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `++a.b=1` is of `a.b` and of `a.b.c`. */
function isOf(override: string, key: string): boolean {
  const given = override.replace(/^[+~]*/, '').split('=', 1)[0]!;
  return key === given || key.startsWith(`${given}.`) || given.startsWith(`${key}.`);
}
