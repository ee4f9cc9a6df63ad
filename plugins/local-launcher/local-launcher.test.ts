import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchedSweep, LaunchJob } from 'osc-trainer/sdk';
import { testComponent } from 'osc-trainer/sdk/testing';
import { LocalLauncher } from '.';

testComponent(LocalLauncher);

const folder = mkdtempSync(join(tmpdir(), 'osc-local-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A job that does what a script says, which is told its number. */
function sweepOf(script: string, more: Partial<LaunchedSweep> = {}): LaunchedSweep {
  const program = join(folder, `${Math.random()}.mjs`);
  writeFileSync(program, script);
  const command = [process.execPath, program];
  return { name: 'test', folder, files: folder, command, cwd: folder, threads: 1, cores: 4, ...more };
}

const jobsOf = (count: number): LaunchJob[] =>
  Array.from({ length: count }, (_, number) => ({
    number,
    name: '',
    log: join(folder, `${number}-${Math.random()}.log`),
  }));

interface Heard {
  readonly events: string[];
  readonly atOnce: number;
}

async function run(
  launcher: LocalLauncher,
  sweep: LaunchedSweep,
  jobs: readonly LaunchJob[],
  controller = new AbortController(),
  onStart: () => void = () => undefined,
): Promise<Heard> {
  const events: string[] = [];
  let running = 0;
  let atOnce = 0;
  await launcher.run(sweep, jobs, {
    signal: controller.signal,
    onStart(number) {
      events.push(`start ${number}`);
      atOnce = Math.max(atOnce, ++running);
      onStart();
    },
    onEnd(number, code, why) {
      running--;
      events.push(`end ${number} ${code}${why === undefined ? '' : ` ${why}`}`);
    },
  });
  return { events, atOnce };
}

const options = (given: object): never =>
  ({ jobs: null, on_failure: 'continue', max_failures: null, ...given }) as never;
const EXITS_WITH_ITS_NUMBER = 'process.exit(Number(process.argv.at(-1)))';

test.each([
  [{ jobs: 2 }, { threads: null }, 2],
  [{}, { threads: 2 }, 2],
  [{}, { threads: null }, 1],
  [{}, { threads: 64 }, 1],
])('with %o and %o %i jobs run at once', async (given, more, expected) => {
  const sweep = sweepOf('setTimeout(() => {}, 150)', more);
  const { atOnce, events } = await run(new LocalLauncher(options(given)), sweep, jobsOf(4));
  expect(atOnce).toBe(expected);
  expect(events).toHaveLength(8);
});

test('the cores are shared out among the jobs that run at once', async () => {
  const jobs = jobsOf(2);
  await run(new LocalLauncher(options({ jobs: 3 })), sweepOf('console.log(process.env.OSC_THREADS)'), jobs);
  expect(jobs.map(({ log }) => readFileSync(log, 'utf8'))).toEqual(['2\n', '2\n']);
});

test('a job that fails is told of, and the rest goes on', async () => {
  const { events } = await run(new LocalLauncher(options({ jobs: 1 })), sweepOf(EXITS_WITH_ITS_NUMBER), jobsOf(3));
  expect(events).toEqual(['start 0', 'end 0 0', 'start 1', 'end 1 1', 'start 2', 'end 2 2']);
});

test.each([
  [{ on_failure: 'stop' }, ['start 0', 'end 0 0', 'start 1', 'end 1 1']],
  [{ max_failures: 2 }, ['start 0', 'end 0 0', 'start 1', 'end 1 1', 'start 2', 'end 2 2']],
])('with %o further jobs are not started', async (given, expected) => {
  const launcher = new LocalLauncher(options({ jobs: 1, ...given }));
  const { events } = await run(launcher, sweepOf(EXITS_WITH_ITS_NUMBER), jobsOf(5));
  expect(events).toEqual(expected);
});

test('a job that was stopped is none that failed', async () => {
  const launcher = new LocalLauncher(options({ jobs: 1, on_failure: 'stop' }));
  const { events } = await run(launcher, sweepOf('process.exit(75)'), jobsOf(2));
  expect(events).toEqual(['start 0', 'end 0 75', 'start 1', 'end 1 75']);
});

test('asked to stop, jobs get SIGTERM and no further one starts', async () => {
  const controller = new AbortController();
  const waits = `process.on('SIGTERM', () => process.exit(75)); setInterval(() => {}, 1000); console.log('ready')`;
  const jobs = jobsOf(3);
  const running = run(new LocalLauncher(options({ jobs: 1 })), sweepOf(waits), jobs, controller);
  while (readOr(jobs[0]!.log) === '') await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort();
  expect((await running).events).toEqual(['start 0', 'end 0 75']);
});

test('a job that a signal ended has no exit code, and is told with the signal', async () => {
  const { events } = await run(
    new LocalLauncher(options({})),
    sweepOf("process.kill(process.pid, 'SIGKILL')"),
    jobsOf(1),
  );
  expect(events[1]).toMatch(/^end 0 null Its process was ended by SIGKILL\. The system does so when memory runs out/);
});

test('a program that is not there is an error with the number of the job', async () => {
  const sweep = sweepOf('', { command: [join(folder, 'nowhere')] });
  await expect(run(new LocalLauncher(options({})), sweep, jobsOf(1))).rejects.toThrow(
    /^Job 0 could not be started\. .*ENOENT/,
  );
});

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
