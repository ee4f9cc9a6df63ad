/** A run as it lies on disk, for those who look at several: what was trained, how far it came, what was measured. Runs no code. */
import { existsSync, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseYamlData } from '../config/yaml-data';
import { UsageError } from '../sdk';
import { readRegularFile } from '../util/regular-file';
import { listOf, mapOf } from '../util/zod-problems';
import { listCheckpoints } from './checkpoint-list';
import { readState, type EpochRecord, type TrainState } from './checkpoint-state';
import { CHECKPOINTS, CONFIG_FILE } from './directory';
import { readEnvironment, type RunSession } from './environment';
import { metricDescriptions } from './evaluations';
import { JSON_LOG_FILE } from './log';
import { readOverrides, type SavedOverrides } from './overrides';
import { readRunFile } from './read-run-file';

const configSchema = z.record(z.string(), z.unknown());

/** What is read of a file of evaluations, of whichever version of osc. */
const evaluationSchema = z.object({
  step: z.int().nonnegative(),
  /** From 0. */
  epoch: z.int().nonnegative(),
  /** Of `osc evaluate` alone. */
  weights: z.string().nullish(),
  evaluations: listOf(
    z.object({
      evaluator: z.string(),
      options: z.record(z.string(), z.unknown()),
      data: z.record(z.string(), z.unknown()),
      num_objects: z.int().positive().optional(),
      weights: z.string().optional(),
      metrics: mapOf(z.number().nullable()),
      descriptions: metricDescriptions.default({}),
    }),
  ),
});

/** What was measured at one point of a run. */
export type EvaluationPoint = z.infer<typeof evaluationSchema>;

export interface RunRecord {
  /** Absolute. */
  readonly folder: string;
  /** As it was saved, options of components unchecked. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly overrides: SavedOverrides;
  readonly sessions: readonly [RunSession, ...RunSession[]];
  /** Null: it has no checkpoint. */
  readonly progress: {
    readonly epochs: number;
    readonly steps: number;
    /** All epochs are trained, or a callback ended the training. */
    readonly finished: boolean;
    readonly stopReason: string | null;
  } | null;
  /** Losses of each epoch; empty without a checkpoint. */
  readonly history: readonly EpochRecord[];
  /** Measured while training, in the order of their steps. */
  readonly points: readonly EvaluationPoint[];
  /** Measured by `osc evaluate`, the oldest first. */
  readonly reports: readonly EvaluationPoint[];
  /** The last figure of each name: paths. */
  readonly figures: ReadonlyMap<string, string>;
  /** Of all sessions; null where the run does not say. */
  readonly seconds: number | null;
}

/** @throws UsageError for a folder that is no run, and for a file of it that is damaged, with its name */
export async function readRun(folder: string): Promise<RunRecord> {
  if (!existsSync(join(folder, CONFIG_FILE))) {
    throw new UsageError(`${folder} is no run.`, `A run has a file ${CONFIG_FILE}.`);
  }
  const configFile = join(folder, CONFIG_FILE);
  const config = readRunFile(configFile, (text) => parseYamlData(text, configFile), configSchema);
  const sessions = readEnvironment(folder);
  const state = await lastState(folder);
  return {
    folder,
    config,
    overrides: readOverrides(folder),
    sessions,
    progress: state && progressOf(state, config),
    history: state?.history ?? [],
    points: (await readPoints(folder, /^epoch-\d+\.json$/)).sort((a, b) => a.step - b.step),
    reports: await readPoints(folder, /^evaluate-[\dTZ-]+\.json$/),
    figures: await lastFigures(folder),
    seconds: await secondsOf(folder, sessions),
  };
}

async function lastState(folder: string): Promise<TrainState | null> {
  const [newest] = await listCheckpoints(join(folder, CHECKPOINTS));
  if (newest === undefined) return null;
  try {
    return readState(newest);
  } catch (error) {
    throw new UsageError(`The checkpoint ${newest} is broken.`, (error as Error).message, [], { cause: error });
  }
}

function progressOf({ position, stopReason }: TrainState, config: RunRecord['config']): RunRecord['progress'] {
  const { num_epochs: numEpochs } = z
    .object({ num_epochs: z.number() })
    .catch({ num_epochs: Infinity })
    .parse(config['training']);
  const finished = position.batch === 0 && (stopReason !== null || position.epoch >= numEpochs);
  return { epochs: position.epoch, steps: position.step, finished, stopReason };
}

async function namesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? (await readdir(folder)).sort() : [];
}

/** Files of that name, in the order of their names. */
async function readPoints(run: string, name: RegExp): Promise<EvaluationPoint[]> {
  const folder = join(run, 'evaluations');
  const files = (await namesIn(folder)).filter((file) => name.test(file));
  return files.map((file) => readRunFile(join(folder, file), JSON.parse, evaluationSchema));
}

async function lastFigures(run: string): Promise<Map<string, string>> {
  const folder = join(run, 'figures');
  const last = new Map<string, string>();
  for (const file of await namesIn(folder)) {
    const [, name] = /^([a-z0-9_-]+)-epoch-\d+\.png$/.exec(file) ?? [];
    // a link may lead anywhere
    if (name !== undefined && lstatSync(join(folder, file)).isFile()) last.set(name, join(folder, file));
  }
  return last;
}

/** What each session noted as it ended; of a run that was killed, or of an earlier osc, what the times in its log say. */
async function secondsOf(run: string, sessions: RunRecord['sessions']): Promise<number | null> {
  const noted = sessions.map(({ ended }) => ended?.seconds ?? null);
  if (!noted.includes(null)) return noted.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
  const file = join(run, JSON_LOG_FILE);
  if (!existsSync(file)) return null;
  try {
    return secondsLogged(readRegularFile(file, MAX_LOG).toString());
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read.`, (error as Error).message, [], { cause: error });
  }
}

/** Bytes: a line of 200 a second for a week. */
const MAX_LOG = 2 ** 27;

const logLineSchema = z.object({ timestamp: z.string(), message: z.string() });

/** Between its lines, but for the pauses before a run was resumed; a line cut off by a kill is left out. */
function secondsLogged(text: string): number | null {
  let before: number | null = null;
  let sum: number | null = null;
  for (const line of text.split('\n')) {
    const entry = parseLine(line);
    if (entry === undefined) continue;
    const now = Date.parse(entry.timestamp.replace(' ', 'T'));
    if (Number.isNaN(now)) continue;
    if (before !== null && !entry.message.startsWith('Resumed run ')) sum = (sum ?? 0) + (now - before) / 1000;
    before = now;
  }
  return sum;
}

function parseLine(line: string): z.infer<typeof logLineSchema> | undefined {
  try {
    return logLineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
