/** Sweeps of stand-ins for trainings, handed to the launcher itself. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchedSweep, LaunchJob, QueuedState } from 'osc-trainer/sdk';
import { createForTest } from 'osc-trainer/sdk/testing';
import { SlurmLauncher } from '../../plugins/slurm-launcher';
import { until } from './cluster';

/** On its first attempt it waits to be told to stop, and on the next it finishes; both are recorded. */
const PATIENT = `
const { appendFileSync, existsSync } = require('node:fs');
const file = process.argv[2] + '/record-' + process.argv.at(-1);
const again = existsSync(file);
const record = (what) => appendFileSync(file, what + '\\n');
for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1']) process.on(name, () => {
  record(name);
  setTimeout(() => process.exit(75), 300);
});
record('start');
if (again) { record('end'); process.exit(0); }
setTimeout(() => process.exit(3), 100000);
`;

export interface Stage {
  readonly sweep: LaunchedSweep;
  readonly jobs: readonly LaunchJob[];
  readonly launcher: SlurmLauncher;
  /** What job N did: start, signals, end. */
  record(number: number): string[];
  log(number: number): string;
  state(number: number): Promise<QueuedState | undefined>;
  /** Number of time-outs counted for job N of its only entry; 0 where there is no file. */
  ended(seconds?: number): Promise<void>;
  started(number?: number): Promise<void>;
}

/** @param command in the place of the stand-in */
export function setStage(count: number, options: Record<string, unknown> = {}, command?: readonly string[]): Stage {
  const root = mkdtempSync(join(tmpdir(), 'osc-slurm-stage-'));
  const files = join(root, 'launcher');
  for (const folder of [files, join(root, 'jobs')]) mkdirSync(folder);
  writeFileSync(join(root, 'job.cjs'), PATIENT);
  const sweep: LaunchedSweep = {
    name: 'stage',
    folder: root,
    files,
    command: command ?? [process.execPath, join(root, 'job.cjs'), root],
    cwd: root,
    threads: 1,
    cores: 2,
  };
  const jobs = Array.from({ length: count }, (_, number) => ({
    number,
    name: `n=${number}`,
    log: join(root, 'jobs', `${String(number).padStart(3, '0')}.log`),
  }));
  const launcher = createForTest<SlurmLauncher>(SlurmLauncher, { options });
  const text = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const stage: Stage = {
    sweep,
    jobs,
    launcher,
    record: (number) =>
      text(join(root, `record-${number}`))
        .split('\n')
        .slice(0, -1),
    log: (number) => text(jobs[number]!.log),
    state: async (number) => (await launcher.states(sweep, jobs)).get(number),
    ended: (seconds) =>
      until(
        'all jobs have ended',
        async () => Array.from((await launcher.states(sweep, jobs)).values()).every(({ state }) => state === 'ended'),
        seconds,
      ),
    started: (number = 0) => until(`job ${number} has started`, () => stage.record(number).length > 0),
  };
  return stage;
}
