/** `osc train --multirun`: prints what a sweep is and how it goes. */
import { prepareSweep, prepareSweepResume, type PreparedSweep, type SweepResult } from '../jobs';
import { countOf } from '../util/text';
import { shorten } from './describe-summary';
import { endProcess } from './process-end';
import { listenForStop, STOPPED_EXIT_CODE } from './stop-signals';
import { createSweepDisplay, describeCounts } from './sweep-display';
import { formatTable, tableWidth } from './table';

export interface SweepFlags {
  readonly plugin: readonly string[] | undefined;
  readonly resume: string | undefined;
  readonly sweepDir: string | undefined;
  readonly initFrom: string | undefined;
  readonly trustPlugins: boolean;
  readonly dryRun: boolean;
  readonly wait: boolean;
}

export interface SweepPrinter {
  readonly json: boolean;
  log(text: string): void;
  onNote(text: string): void;
}

/** A job, as `--dry-run` lists it. */
export interface DryJob {
  readonly number: number;
  readonly name: string;
  readonly overrides: readonly string[];
}

/** Sets the exit code: 1 where a job failed, 75 where some are left. */
export async function runSweep(
  overrides: readonly string[],
  flags: SweepFlags,
  { json, log, onNote }: SweepPrinter,
): Promise<SweepResult | { readonly jobs: readonly DryJob[] }> {
  const prepared = await prepare(overrides, flags, onNote);
  if (flags.dryRun) {
    const jobs = prepared.todo.map((number) => dryJob(prepared, number));
    if (!json) log(describeJobs(jobs));
    return { jobs };
  }
  const display = createSweepDisplay({ json });
  let opened = false;
  const stop = listenForStop(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'], (name) => {
    if (!opened) endProcess(STOPPED_EXIT_CODE);
    display.onNote(`${name}: the jobs that run here stop with a checkpoint. Send it again not to wait for them.`);
  });
  try {
    const result = await prepared.start({
      signal: stop.signal,
      wait: flags.wait,
      onOpen(folder) {
        opened = true;
        display.onNote(describeStart(prepared, folder));
      },
      onStart: (job) => {
        display.onStart(job);
      },
      onEnd: (view) => {
        display.onEnd(view);
      },
      onLook: (views) => {
        display.onLook(views);
      },
      onNote: (line) => {
        display.onNote(line);
      },
    });
    display.stop();
    if (!json) log(describeResult(result));
    if (result.status === 'failed') process.exitCode = 1;
    if (result.status === 'stopped' || result.status === 'running') process.exitCode = STOPPED_EXIT_CODE;
    return result;
  } finally {
    display.stop();
    stop.release();
  }
}

async function prepare(
  overrides: readonly string[],
  flags: SweepFlags,
  onNote: (text: string) => void,
): Promise<PreparedSweep> {
  const { resume, trustPlugins, plugin: plugins, sweepDir, initFrom } = flags;
  if (resume !== undefined) return prepareSweepResume({ sweep: resume, overrides, trustPlugins, onNote });
  return prepareSweep({ plugins, overrides, sweepDir, initFrom, onNote, command: process.argv.slice(2) });
}

function dryJob({ views }: PreparedSweep, number: number): DryJob {
  const { name, overrides } = views[number]!.job;
  return { number, name, overrides };
}

function describeJobs(jobs: readonly DryJob[]): string {
  const [first, ...others] = jobs;
  const common = new Set(first?.overrides.filter((text) => others.every(({ overrides }) => overrides.includes(text))));
  const isCommon = (text: string): boolean => others.length > 0 && common.has(text);
  const rows = jobs.map(({ number, overrides }) => [
    String(number),
    overrides.filter((text) => !isCommon(text)).join(' '),
  ]);
  const inAll = others.length > 0 && common.size > 0 ? [`In all of them: ${[...common].join(' ')}`, ''] : [];
  const count = `${countOf(jobs.length, 'job')}; none was started.`;
  return [formatTable(['JOB', 'OVERRIDES'], rows, tableWidth()), '', ...inAll, count].join('\n');
}

function describeStart({ request, views, todo }: PreparedSweep, folder: string): string {
  const all = countOf(views.length, 'job');
  const some = todo.length === views.length ? all : `${todo.length} of ${all}`;
  return `Sweep ${request.name} in ${shorten(folder, process.cwd())}: ${some}, launcher ${request.launcher.name}`;
}

function describeResult({ folder, status, jobs }: SweepResult): string {
  const sweep = shorten(folder, process.cwd());
  const failed = jobs.filter(({ state }) => state === 'failed');
  const shown = failed
    .slice(0, 5)
    .map(({ number, name, reason }) => `Failed      job ${number} (${name}): ${reason ?? ''}`);
  const more = failed.length > 5 ? [`            and ${failed.length - 5} more: osc sweep status ${sweep}`] : [];
  const next = {
    submitted: [`Look at it  osc sweep status ${sweep}`, `Stop it     osc sweep stop ${sweep}`],
    finished: [`Compare     osc runs compare ${sweep}`],
    failed: [
      `Logs        osc sweep logs ${sweep} ${failed[0]?.number ?? 0}`,
      `Go on with  osc train --multirun --resume ${sweep}`,
    ],
    stopped: [`Go on with  osc train --multirun --resume ${sweep}`],
    running: [`Look at it  osc sweep status ${sweep}`],
  };
  const heading =
    status === 'submitted' ? `Handed over ${jobs.length} jobs` : describeCounts(jobs.map((job) => ({ job })));
  return ['', heading, '', ...shown, ...more, `Sweep       ${sweep}`, ...next[status]].join('\n');
}
