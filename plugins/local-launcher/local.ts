import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import {
  component,
  endOfJob,
  inject,
  OPTIONS,
  RunError,
  THREADS_VARIABLE,
  z,
  type AttachedLauncher,
  type JobWatch,
  type LaunchedSweep,
  type LaunchJob,
} from 'osc-trainer/sdk';

const schema = z.strictObject({
  jobs: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('jobs that run at once; null = as many as there are cores for the threads of a run'),
  on_failure: z
    .enum(['continue', 'stop'])
    .default('continue')
    .describe('after a job that failed: go on with the rest, or stop (jobs that run write a checkpoint first)'),
  max_failures: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('stop after so many jobs that failed; null = never'),
});

@component({
  kind: 'launcher',
  name: 'local',
  summary: 'Runs the jobs of a sweep on this machine, each in a process of its own, some at once',
  options: schema,
})
export class LocalLauncher implements AttachedLauncher {
  readonly mode = 'attached';

  constructor(@inject(OPTIONS) private readonly options: z.infer<typeof schema>) {}

  async run(sweep: LaunchedSweep, jobs: readonly LaunchJob[], watch: JobWatch): Promise<void> {
    const { cores } = sweep;
    const most = this.options.jobs ?? Math.max(1, Math.floor(cores / (sweep.threads ?? cores)));
    const atOnce = Math.min(most, jobs.length);
    const threads = Math.max(1, Math.floor(cores / atOnce));
    const maxFailures = this.options.on_failure === 'stop' ? 1 : (this.options.max_failures ?? Infinity);
    const running = new Set<ChildProcess>();
    const waiting = [...jobs];
    let failures = 0;
    const isOver = (): boolean => watch.signal.aborted || failures >= maxFailures;
    const stopAll = (): void => {
      for (const child of running) child.kill('SIGTERM');
    };
    watch.signal.addEventListener('abort', stopAll);
    const lane = async (): Promise<void> => {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        if (isOver()) return;
        const code = await runJob(sweep, job, { threads, running, watch });
        if (endOfJob(code) !== 'failed') continue;
        failures++;
        if (failures === maxFailures) stopAll();
      }
    };
    try {
      await Promise.all(Array.from({ length: atOnce }, lane));
    } finally {
      watch.signal.removeEventListener('abort', stopAll);
    }
  }
}

/** @returns the exit code; null where a signal ended it. @throws RunError where no process can be started */
async function runJob(
  { command, cwd }: LaunchedSweep,
  { number, log }: LaunchJob,
  { threads, running, watch }: { threads: number; running: Set<ChildProcess>; watch: JobWatch },
): Promise<number | null> {
  const [program = '', ...args] = command;
  const output = openSync(log, 'a');
  try {
    // by the IPC channel the job sees that this process has ended; in a group of its own the terminal's Ctrl-C does not reach it,
    // which would be the first of two signals
    const child = spawn(program, [...args, String(number)], {
      cwd,
      detached: true,
      env: { ...process.env, [THREADS_VARIABLE]: String(threads) },
      stdio: ['ignore', output, output, 'ipc'],
    });
    return await new Promise((resolve, reject) => {
      child.once('error', (error) => {
        running.delete(child);
        reject(new RunError(`Job ${number} could not be started.`, error.message, [], { cause: error }));
      });
      child.once('spawn', () => {
        running.add(child);
        watch.onStart(number);
        if (watch.signal.aborted) child.kill('SIGTERM');
      });
      child.once('exit', (code, signal) => {
        running.delete(child);
        watch.onEnd(number, code, signal === null ? undefined : endedBy(signal));
        resolve(code);
      });
    });
  } finally {
    closeSync(output);
  }
}

function endedBy(signal: NodeJS.Signals): string {
  const why = signal === 'SIGKILL' ? ' The system does so when memory runs out: try launcher.jobs=1.' : '';
  return `Its process was ended by ${signal}.${why}`;
}
