/** What the contract of launchers finds, on launchers of a few lines. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { component } from '../../component';
import type { AttachedLauncher, JobWatch, LaunchedSweep, LaunchJob } from '../../contracts/launch';
import { z } from '../../index';
import { failuresOf } from '../run-contract';
import { testComponent } from '../test-component';

const declared = component({ kind: 'launcher', name: 'plain', summary: 'Two at once', options: z.strictObject({}) });

/** Runs two jobs at once; the wrong ones below differ in one thing each. */
class Plain implements AttachedLauncher {
  readonly mode = 'attached';
  readonly flags: string = 'a';
  readonly signals: number = 1;

  async run(sweep: LaunchedSweep, jobs: readonly LaunchJob[], watch: JobWatch): Promise<void> {
    const waiting = [...jobs];
    const next = async (): Promise<void> => {
      const job = waiting.shift();
      if (job === undefined || watch.signal.aborted) return;
      await this.runJob(sweep, job, watch);
      await next();
    };
    await Promise.all([next(), next()]);
  }

  argumentsOf(sweep: LaunchedSweep, job: LaunchJob): string[] {
    return [...sweep.command.slice(1), String(job.number)];
  }

  private runJob(sweep: LaunchedSweep, job: LaunchJob, watch: JobWatch): Promise<void> {
    return new Promise((resolve, reject) => {
      const log = openSync(job.log, this.flags);
      const child = spawn(sweep.command[0]!, this.argumentsOf(sweep, job), {
        cwd: sweep.cwd,
        env: { ...process.env, OSC_THREADS: '1' },
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      watch.onStart(job.number);
      const stop = (): void => {
        for (let i = 0; i < this.signals; i++) setTimeout(() => child.kill('SIGTERM'), 100 * i);
      };
      watch.signal.addEventListener('abort', stop);
      child.on('error', reject);
      child.on('exit', (code) => {
        watch.signal.removeEventListener('abort', stop);
        watch.onEnd(job.number, code);
        resolve();
      });
    });
  }
}

@declared
class Right extends Plain {}

@declared
class Overwrites extends Plain {
  override readonly flags = 'w';
}

@declared
class SignalsTwice extends Plain {
  override readonly signals = 2;
}

@declared
class SplitsArguments extends Plain {
  override argumentsOf(sweep: LaunchedSweep, job: LaunchJob): string[] {
    return super.argumentsOf(sweep, job).flatMap((word) => word.split('; '));
  }
}

testComponent(Right);

test.each([
  [Overwrites, 'runs each job once', 'lost what an earlier attempt wrote'],
  [SplitsArguments, 'runs each job once', 'What the jobs were started with: expected'],
  [SignalsTwice, 'asks jobs that run to stop', 'The jobs that got a signal, against those that ran: expected'],
])('%p is found out', async (wrong, name, message) => {
  const failures = await failuresOf((runner) => testComponent(wrong, { runner }));
  expect(Object.keys(failures)).toEqual([expect.stringContaining(name)]);
  expect(Object.values(failures)[0]).toContain(message);
});
