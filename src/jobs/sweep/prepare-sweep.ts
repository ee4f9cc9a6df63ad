/** What `osc train --multirun` starts from: all jobs composed and checked, and no folder made yet. */
import { Composer, type OscConfig } from '../../config';
import { checkSweepPath, newSweepPath, NEW_RECORD, readSpace, type SweepRequest, type SweepSpace } from '../../launch';
import { openTrainedModel, randomRunName } from '../../run';
import { isReportedError } from '../../sdk';
import { ownPackage } from '../../util/own-package';
import type { ProjectInput } from '../input';
import { openRegistryOf } from '../project';
import { buildLauncher, buildSweeper } from './build-launcher';
import { planJobs } from './plan-jobs';
import { makeSweep } from './make-sweep';
import { preparedSweep, type PreparedSweep, type Search } from './prepared-sweep';

export interface SweepInput extends ProjectInput {
  /** Folder for a new sweep, empty or not there; default `multirun/DATE/TIME_NAME` in the working directory. */
  readonly sweepDir?: string | undefined;
  /** A run or a checkpoint whose weights every job starts from. */
  readonly initFrom?: string | undefined;
  /** The arguments of the command, for `sweep.yaml`; none where a script calls. */
  readonly command?: readonly string[] | undefined;
}

/** @throws UsageError for all that is wrong in files, flags and overrides of any job; makes no folder */
export async function prepareSweep(input: SweepInput): Promise<PreparedSweep> {
  const { cwd = process.cwd(), plugins = [], overrides = [], sweepDir, initFrom, onNote = () => undefined } = input;
  const given = sweepDir === undefined ? undefined : checkSweepPath(cwd, sweepDir);
  const opened = await openRegistryOf(input);
  const { registry, file, selections } = opened;
  const composer = new Composer({ file, catalog: registry, plugins: selections });
  const space = readSpace(overrides, composer.folders);
  const sweeper = await buildSweeper(await chosenSweeper(space, composer), registry, onNote);
  sweeper.check?.(space.dimensions);
  const proposed = space.jobs(await sweeper.propose(space.dimensions, []));
  const jobs = await planJobs(proposed, composer, onNote);
  const [{ config }] = jobs as [(typeof jobs)[number]];
  const from = initFrom === undefined ? null : await startingPoint(cwd, initFrom);
  const launcher = await buildLauncher(config.launcher, registry, onNote);
  const name = config.logging.group ?? randomRunName();
  const path = given ?? newSweepPath(cwd, name, new Date());
  const request: SweepRequest = {
    name,
    created: new Date().toISOString(),
    version: ownPackage().version,
    cwd,
    command: [...(input.command ?? [])],
    overrides: [...overrides],
    plugins: [...plugins],
    packages: [...registry.spec.plugins],
    init_from: from,
    launcher: config.launcher,
    sweeper: config.sweeper,
  };
  // who starts a sweep with plugins trusts them
  const terms = { threads: threadsOf(jobs), trustPlugins: request.packages.length > 0 };
  const search: Search = { space, sweeper, plan: (more) => planJobs(more, composer, onNote) };
  return preparedSweep({
    ...{ request, launcher, terms },
    views: jobs.map((job) => ({ job: { ...job, attempts: 0, state: 'waiting' }, record: NEW_RECORD })),
    todo: jobs.map(({ number }) => number),
    folder: path,
    open: () => makeSweep(path, { isGiven: given !== undefined, request, jobs }),
    search: () => Promise.resolve(search),
  });
}

/** The sweeper that the config of the jobs names. Where they cannot be composed, that is told of them, and not of it. */
async function chosenSweeper(space: SweepSpace, composer: Composer): Promise<OscConfig['sweeper']> {
  const overrides = space.overridesOf(space.sample);
  try {
    return (await composer.compose(overrides)).values.sweeper;
  } catch (error) {
    if (!isReportedError(error)) throw error;
    const own = overrides.filter((text) => /^\+{0,2}(hydra[./])?sweeper[./=]/.test(text));
    return (await composer.compose(own)).values.sweeper;
  }
}

/** Absolute, of weights that are there. @throws UsageError where they are not */
async function startingPoint(cwd: string, given: string): Promise<string> {
  return (await openTrainedModel(cwd, given, 'osc train --multirun --init-from')).checkpoint;
}

/** Null where one asks for all there are. */
function threadsOf(jobs: readonly { readonly config: OscConfig }[]): number | null {
  const wanted = jobs.map(({ config }) => config.engine.threads);
  return wanted.includes(null) ? null : Math.max(...wanted.map(Number));
}
