/** A run as one among thousands: its small files, and the ends of the large one. Runs no code. {@link readRun} reads all of a run. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { parseYamlData } from '../config/yaml-data';
import { UsageError, type MetricDescription } from '../sdk';
import { listCheckpoints } from './checkpoint-list';
import { readState, type TrainState } from './checkpoint-state';
import { CHECKPOINTS, CONFIG_FILE, ENVIRONMENT_FILE } from './directory';
import { readEnvironment, type RunSession } from './environment';
import { readOverrides, type SavedOverrides } from './overrides';
import { readRunFile } from './read-run-file';
import {
  evaluationCourses,
  lossCourses,
  readLogEnds,
  summariseCourse,
  type LogEnds,
  type RunMetric,
} from './run-metrics';
import { readNotes } from './run-notes';
import { healthOf, type RunState } from './run-state';

export interface RunOverview {
  /** Absolute. */
  readonly folder: string;
  /** `logging.name`; the folder's where it has none. */
  readonly name: string;
  /** Every value of the config that is no map, by its dotted key. */
  readonly config: ReadonlyMap<string, unknown>;
  readonly overrides: SavedOverrides;
  /** None where it was killed before its first. */
  readonly sessions: readonly RunSession[];
  readonly state: RunState;
  /** What a failed run ended with. */
  readonly problem: string | null;
  /** ISO 8601; null where nothing says. */
  readonly started: string | null;
  /** Of the sessions that ended in order; null where none did. */
  readonly seconds: number | null;
  /** Finished. */
  readonly epochs: number;
  /** Asked for; null where the config does not say. */
  readonly numEpochs: number | null;
  readonly steps: number;
  readonly metrics: ReadonlyMap<string, RunMetric>;
  /** Of its config and given since. */
  readonly tags: readonly string[];
  readonly notes: readonly string[];
}

export interface OverviewOptions {
  /**
   * `ends`: losses, and of tests the first and the last, without the best value; quick. `all`: every test, and the ends of what was logged.
   */
  readonly metrics: 'ends' | 'all';
  /** The caller holds the run's lock: nobody trains it. */
  readonly lockedByUs?: boolean;
}

const configSchema = z.record(z.string(), z.unknown());
const numEpochsSchema = z.number().nullable().catch(null);
const text = z.string().nullable().catch(null);
const texts = z.array(z.string()).catch([]);

/** @throws UsageError for a folder that is no run, and for a file of it that is damaged, with its name */
export async function readRunOverview(
  folder: string,
  { metrics, lockedByUs = false }: OverviewOptions,
): Promise<RunOverview> {
  const configFile = join(folder, CONFIG_FILE);
  if (!existsSync(configFile)) throw new UsageError(`${folder} is no run.`, `A run has a file ${CONFIG_FILE}.`);
  const config = flatten(readRunFile(configFile, (written) => parseYamlData(written, configFile), configSchema));
  // a run that is killed as it begins has none yet
  const sessions = existsSync(join(folder, ENVIRONMENT_FILE)) ? readEnvironment(folder) : [];
  const checkpoint = await newestState(folder);
  const numEpochs = numEpochsSchema.parse(config.get('training.num_epochs'));
  const health = healthOf({ run: folder, sessions, checkpoint, numEpochs: numEpochs ?? Infinity, lockedByUs });
  const log = metrics === 'all' || health.state !== 'finished' ? readLogEnds(folder) : null;
  const own = readNotes(folder);
  const ended = sessions.flatMap((session) => (session.ended === null ? [] : [session.ended.seconds]));
  return {
    folder,
    name: text.parse(config.get('logging.name')) ?? basename(folder),
    config,
    overrides: readOverrides(folder),
    sessions,
    ...health,
    started: sessions[0]?.started ?? null,
    seconds: ended.length === 0 ? null : ended.reduce((sum, seconds) => sum + seconds, 0),
    epochs: Math.max(checkpoint?.position.epoch ?? 0, log?.last?.epoch ?? 0),
    numEpochs,
    steps: Math.max(checkpoint?.position.step ?? 0, log?.last?.step ?? 0),
    metrics: metricsOf(folder, checkpoint, metrics === 'all', log),
    tags: [...new Set([...texts.parse(config.get('logging.tags')), ...own.tags])],
    notes: [text.parse(config.get('logging.notes')), own.note].filter((note) => note !== null),
  };
}

/** How often a run that goes on may remove what was just listed. */
const ATTEMPTS = 5;

/** Of the newest checkpoint that says it; null where there is none. @throws UsageError where all are broken */
export async function newestState(folder: string): Promise<TrainState | null> {
  for (let attempt = 1; ; attempt++) {
    const found = await listCheckpoints(join(folder, CHECKPOINTS));
    let broken: unknown;
    for (const checkpoint of found) {
      try {
        return readState(checkpoint);
      } catch (error) {
        broken ??= new UsageError(`The checkpoint ${checkpoint} is broken.`, (error as Error).message, [], {
          cause: error,
        });
      }
    }
    // one that keeps a single checkpoint removes it once the next one is there
    if (found.some((checkpoint) => !existsSync(checkpoint)) && attempt < ATTEMPTS) continue;
    if (broken !== undefined) throw broken;
    return null;
  }
}

function metricsOf(
  folder: string,
  checkpoint: TrainState | null,
  all: boolean,
  log: LogEnds | null,
): Map<string, RunMetric> {
  const metrics = new Map<string, RunMetric>();
  for (const [name, course] of lossCourses(checkpoint?.history ?? [])) {
    metrics.set(name, summariseCourse(course, { label: name, better: 'lower' }, 'loss'));
  }
  for (const [name, { course, description = unnamed(name) }] of evaluationCourses(
    folder,
    checkpoint?.position.step ?? null,
    all,
  )) {
    const metric = summariseCourse(course, description, 'evaluation');
    metrics.set(name, all ? metric : { ...metric, best: null });
  }
  for (const [name, ends] of log?.values ?? []) {
    if (!metrics.has(name)) metrics.set(name, { ...ends, best: null, source: 'log', description: unnamed(name) });
  }
  return metrics;
}

const unnamed = (name: string): MetricDescription => ({ label: name, better: null });

/** Dotted keys of all that is no map; a map without entries is a value. */
export function flatten(config: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  const add = (prefix: string, map: object): void => {
    for (const [name, value] of Object.entries(map)) {
      const key = prefix === '' ? name : `${prefix}.${name}`;
      const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
      if (isMap && Object.keys(value as object).length > 0) add(key, value as object);
      else flat.set(key, value);
    }
  };
  add('', config);
  return flat;
}
