/** A sweep that is there already: its files, its launcher, and the state of its jobs as it is now. */
import { existsSync, realpathSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { readSavedConfig, type OscConfig } from '../../config';
import {
  findSweep,
  jobFiles,
  readJobs,
  readSweepFile,
  stateOfJob,
  writeSweepFile,
  type SweepRequest,
} from '../../launch';
import type { Registry } from '../../registry';
import { UsageError, type LaunchedSweep, type Launcher, type QueuedState } from '../../sdk';
import type { FolderInput } from '../input';
import { openRunRegistry } from '../run-registry';
import { buildLauncher } from './build-launcher';
import { launchedSweep, launchJob, type JobView, type LaunchTerms } from './sweep-jobs';

export interface SweepFolderInput extends FolderInput {
  /** The sweep folder, its name, or `latest`. */
  readonly sweep: string;
  /** Plugins that only the sweep names may be loaded. */
  readonly trustPlugins?: boolean | undefined;
  /** Changes of the launcher's options. */
  readonly overrides?: readonly string[] | undefined;
  readonly onNote?: ((text: string) => void) | undefined;
}

export interface OpenedSweep {
  readonly folder: string;
  readonly request: SweepRequest;
  readonly registry: Registry;
  readonly launcher: Launcher;
  readonly launched: LaunchedSweep;
  readonly terms: LaunchTerms;
  readonly views: readonly JobView[];
  /** What the launcher's queue says; empty where it has none. */
  readonly queued: ReadonlyMap<number, QueuedState>;
}

/**
 * @param command what the user typed before the sweep, for messages
 * @throws UsageError for a folder that is no sweep, damaged files, plugins that are not enabled
 * @throws RunError where the queue cannot be asked
 */
export async function openSweep(input: SweepFolderInput, command: string): Promise<OpenedSweep> {
  const { cwd = process.cwd(), trustPlugins = false, overrides = [], onNote = () => undefined } = input;
  const folder = findSweep(cwd, input.sweep, command);
  const saved = readSweepFile(folder);
  requireFolder(saved, folder, cwd);
  const jobs = readJobs(folder);
  const registry = await openRunRegistry({ run: folder, plugins: saved.packages, cwd, trustPlugins });
  const config = await configOf(folder, registry, overrides);
  const request = { ...saved, launcher: config?.launcher ?? saved.launcher };
  if (!isDeepStrictEqual(request, saved)) await writeSweepFile(folder, request);
  const launcher = await buildLauncher(request.launcher, registry, onNote);
  const terms = { threads: config?.engine.threads ?? null, trustPlugins };
  const launched = launchedSweep(folder, request, terms);
  const queued =
    launcher.mode === 'attached'
      ? new Map<number, QueuedState>()
      : await launcher.states(
          launched,
          jobs.map((job) => launchJob(folder, job)),
        );
  const views = jobs.map((job) => {
    const record = stateOfJob(folder, job.number, queued.get(job.number));
    return { job: { ...job, state: record.state, attempts: record.attempts }, record };
  });
  return { folder, request, registry, launcher, launched, terms, views, queued };
}

/** The launcher and the threads are the same in all jobs. */
async function configOf(
  folder: string,
  registry: Registry,
  overrides: readonly string[],
): Promise<OscConfig | undefined> {
  const { config } = jobFiles(folder, 0);
  if (!existsSync(config))
    throw new UsageError(`The file ${config} is gone.`, 'It has the config of a job of the sweep.');
  return (await readSavedConfig(config, registry, overrides, 'sweep')).values;
}

/**
 * Whose config file counts decides whose code runs: a sweep may come from elsewhere, and is no reason to look into a folder that it names.
 */
function requireFolder({ cwd: before }: SweepRequest, folder: string, cwd: string): void {
  if (existsSync(before) && realpathSync(before) === realpathSync(cwd)) return;
  throw new UsageError(
    `The sweep in ${folder} was started in ${before}.`,
    'Its paths, and the plugins that it may load, are those of that folder.',
    [`cd ${before}`, `cwd: ${cwd} in sweep.yaml    (if the project was moved here)`],
  );
}
