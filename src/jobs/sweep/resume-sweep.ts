/** What `osc train --multirun --resume` starts from: the jobs of a sweep that are not finished. */
import { Composer, splitPluginFlags } from '../../config';
import { loadConfigFile } from '../../config/file';
import { readSpace } from '../../launch';
import { buildSweeper } from './build-launcher';
import { lockSweep } from './make-sweep';
import { openSweep, type OpenedSweep, type SweepFolderInput } from './open-sweep';
import { planJobs } from './plan-jobs';
import { preparedSweep, type PreparedSweep, type Search } from './prepared-sweep';
import { refuseEdited } from './refuse-edited';

/**
 * Finished jobs are left, those in a queue too; the rest goes on from its newest checkpoint.
 *
 * @throws UsageError for a folder that is no sweep, a run that was edited, and for all that is wrong in its files
 */
export async function prepareSweepResume(input: SweepFolderInput): Promise<PreparedSweep> {
  const { cwd = process.cwd(), onNote = () => undefined } = input;
  const opened = await openSweep(input, 'osc train --multirun --resume');
  const { folder, request, launcher, terms, views, queued } = opened;
  const todo = views.filter(({ job: { number, state } }) => state !== 'finished' && isFree(queued.get(number)?.state));
  for (const { job } of todo) refuseEdited(folder, job);
  return preparedSweep({
    ...{ folder, request, launcher, terms, views },
    todo: todo.map(({ job: { number } }) => number),
    open: async () => ({ folder, lock: await lockSweep(folder) }),
    search: () => searchOf(opened, cwd, onNote),
  });
}

function isFree(queued: 'waiting' | 'running' | 'ended' | undefined): boolean {
  return queued === undefined || queued === 'ended';
}

/** With the config files and groups of today: on these depend only jobs that are still to be found. */
async function searchOf(
  { request, registry }: OpenedSweep,
  cwd: string,
  onNote: (text: string) => void,
): Promise<Search> {
  const file = await loadConfigFile(cwd);
  const packages = new Set(registry.entries().map(({ packageName }) => packageName));
  const plugins = splitPluginFlags(request.plugins).selections.filter((name) => !packages.has(name));
  const composer = new Composer({ file, catalog: registry, plugins });
  const space = readSpace(request.overrides, composer.folders);
  const sweeper = await buildSweeper(request.sweeper, registry, onNote);
  return { space, sweeper, plan: (jobs) => planJobs(jobs, composer, onNote) };
}
