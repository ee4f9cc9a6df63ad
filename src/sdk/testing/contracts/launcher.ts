import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  THREADS_VARIABLE,
  type AttachedLauncher,
  type DetachedLauncher,
  type Launcher,
  type LaunchedSweep,
  type LaunchJob,
} from '../../contracts/launch';
import { assert, assertEqual } from '../assert';
import type { ContractContext } from './context';

/** A job in the place of a training: it records what it was started with and what signals it gets. */
const PROGRAM = `
const { appendFileSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const [folder, ...args] = process.argv.slice(2);
const number = Number(args.pop());
const record = (event) => appendFileSync(join(folder, 'record.jsonl'), JSON.stringify({ number, ...event }) + '\\n');
let signals = 0;
for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1']) {
  process.on(name, () => {
    record({ event: 'signal', name });
    if (signals++ === 0) setTimeout(() => end(75), 300);
  });
}
const end = (code) => {
  record({ event: 'end', code });
  process.exit(code);
};
record({ event: 'start', args, cwd: process.cwd(), threads: process.env.${THREADS_VARIABLE} });
console.log('job ' + number + ' on stdout');
console.error('job ' + number + ' on stderr');
const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'))[number];
if (plan === 'wait') setTimeout(() => end(3), 50000);
else if (plan === 'die') process.kill(process.pid, 'SIGKILL');
else end(plan);
`;

/** What a job does: end with a code, wait until it is asked to stop, or be killed. */
type Plan = number | 'wait' | 'die';

interface Recorded {
  readonly number: number;
  readonly event: 'start' | 'signal' | 'end';
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly threads?: string;
  readonly code?: number;
}

/** A sweep of stand-ins for jobs, in a folder of its own. */
interface Stage {
  readonly sweep: LaunchedSweep;
  readonly jobs: readonly LaunchJob[];
  /** What the jobs did so far. */
  recorded(event?: Recorded['event']): Promise<Recorded[]>;
}

/** Neither a shell nor a queue may see more in it than one argument. */
const ARGUMENT = `it's "one" $HOME \\ argument; *`;
const PATIENCE_MS = 50_000;

/** Tests of a detached launcher need its queue, or a stand-in for it, on PATH. */
export function launcherContract({ runner: { it }, make }: ContractContext): void {
  const onStage = async (plans: readonly Plan[], body: (stage: Stage) => Promise<void>): Promise<void> => {
    const root = realpathSync(await mkdtemp(join(tmpdir(), 'osc-launcher-')));
    try {
      await body(await setStage(join(root, `a "sweep" of 50%, it's`), plans));
    } finally {
      await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  };

  it('says whether its jobs outlive the process that starts them', async () => {
    const { mode } = make<Launcher>(1);
    assert(
      mode === 'attached' || mode === 'detached',
      `mode should be "attached" or "detached", not "${String(mode)}".`,
    );
  });

  it('has nothing to do for no jobs', () => onStage([], ({ sweep }) => runToEnd(make<Launcher>(1), sweep, [])));

  it('runs each job once, with its number, in the working directory, its output behind what its log has', () =>
    onStage([0, 1, 75], async ({ sweep, jobs, recorded }) => {
      for (const { log } of jobs) await appendFile(log, 'before\n');
      await runToEnd(make<Launcher>(1), sweep, jobs);
      const starts = (await recorded('start')).sort((a, b) => a.number - b.number);
      assertEqual(
        starts.map(({ number, args, cwd }) => ({ number, args, cwd })),
        jobs.map(({ number }) => ({ number, args: [ARGUMENT], cwd: sweep.cwd })),
        'What the jobs were started with',
      );
      for (const { number, threads } of starts) {
        assert(
          /^[1-9]\d*$/.test(threads ?? ''),
          `Job ${number} should have a number in ${THREADS_VARIABLE}, not ${threads}.`,
        );
        const log = await readFile(jobs[number]!.log, 'utf8');
        assert(log.startsWith('before\n'), `The log of job ${number} lost what an earlier attempt wrote.`);
        for (const stream of ['stdout', 'stderr']) {
          assert(log.includes(`job ${number} on ${stream}\n`), `The log of job ${number} lacks its ${stream}: ${log}`);
        }
      }
    }));

  it('runs again the jobs that it is given again, and no others', () =>
    onStage([0, 75, 0], async ({ sweep, jobs, recorded }) => {
      await runToEnd(make<Launcher>(1), sweep, jobs.slice(0, 2));
      const again = make<Launcher>(2); // as another process has it
      await runToEnd(again, sweep, jobs.slice(1, 2));
      const numbers = (await recorded('start')).map(({ number }) => number).sort();
      assertEqual(numbers, [0, 1, 1], 'The jobs that were started');
      if (again.mode !== 'detached') return;
      const states = await again.states(sweep, jobs);
      const told = Array.from(states, ([number, { state }]) => [number, state]).sort();
      assertEqual(told, [[0, 'ended'], [1, 'ended']], 'The states of two jobs, the third of which was never submitted'); // prettier-ignore
    }));

  it('asks jobs that run to stop, once each, and starts no others', () =>
    onStage(['wait', 'wait', 'wait', 'wait', 'wait', 'wait'], async ({ sweep, jobs, recorded }) => {
      const launcher = make<Launcher>(1);
      const started = (): Promise<void> => until('a job starts', async () => (await recorded('start')).length > 0);
      if (launcher.mode === 'attached') {
        const stop = new AbortController();
        const ended = runAttached(launcher, sweep, jobs, stop.signal);
        await started();
        stop.abort();
        await ended;
      } else {
        await launcher.submit(sweep, jobs);
        await started();
        const states = await launcher.states(sweep, jobs);
        assertEqual(states.size, jobs.length, 'The number of jobs that the queue has');
        await make<DetachedLauncher>(2).stop(sweep, jobs);
        await allEnded(launcher, sweep, jobs);
      }
      const all = await recorded();
      const numbers = (event: Recorded['event']): number[] =>
        all.filter((one) => one.event === event).map(({ number }) => number).sort(); // prettier-ignore
      assertEqual(numbers('signal'), numbers('start'), 'The jobs that got a signal, against those that ran');
      assertEqual(numbers('end'), numbers('start'), 'The jobs that could end by themselves, against those that ran');
    }));

  it('tells, where it stays with them, how its jobs ended', () =>
    onStage([0, 1, 75, 'die'], async ({ sweep, jobs }) => {
      const launcher = make<Launcher>(1);
      if (launcher.mode !== 'attached') return;
      const ends = await runAttached(launcher, sweep, jobs, new AbortController().signal);
      assertEqual(
        ends.map(({ number, code }) => [number, code]).sort(),
        [[0, 0], [1, 1], [2, 75], [3, null]], // prettier-ignore
        'The jobs and their exit codes',
      );
      for (const { number, why } of ends) {
        assert(why === undefined || /^\S.*\.$/s.test(why), `Why job ${number} ended should be a sentence: ${why}`);
      }
    }));
}

async function setStage(root: string, plans: readonly Plan[]): Promise<Stage> {
  const [cwd, folder] = [join(root, 'where it works'), join(root, 'sweep')];
  const [files, logs] = [join(folder, 'launcher'), join(folder, 'jobs')];
  for (const path of [cwd, files, logs]) await mkdir(path, { recursive: true });
  const program = join(root, 'job.cjs');
  await writeFile(program, PROGRAM);
  await writeFile(join(root, 'plan.json'), JSON.stringify(plans));
  const command = [process.execPath, program, root, ARGUMENT];
  return {
    sweep: { name: 'contract', folder, files, command, cwd, threads: null, cores: 2 },
    jobs: plans.map((_, number) => ({
      number,
      name: `number=${number}`,
      log: join(logs, `${String(number).padStart(3, '0')}.log`),
    })),
    async recorded(event) {
      const text = await readFile(join(root, 'record.jsonl'), 'utf8').catch(() => '');
      const lines = text.split('\n').slice(0, -1);
      return lines
        .map((line) => JSON.parse(line) as Recorded)
        .filter((one) => event === undefined || one.event === event);
    },
  };
}

/** Runs jobs with either kind of launcher until each has ended. */
async function runToEnd(launcher: Launcher, sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<void> {
  await launcher.check?.(sweep, jobs);
  if (launcher.mode === 'attached') {
    await runAttached(launcher, sweep, jobs, new AbortController().signal);
    return;
  }
  const lines = await launcher.submit(sweep, jobs);
  assert(jobs.length === 0 || lines.length > 0, 'submit should return the ids that the queue gave, for people.');
  await allEnded(launcher, sweep, jobs);
}

interface End {
  readonly number: number;
  readonly code: number | null;
  readonly why?: string;
}

/** @returns the ends that it told of, each of a job that it said had started, once */
async function runAttached(
  launcher: AttachedLauncher,
  sweep: LaunchedSweep,
  jobs: readonly LaunchJob[],
  signal: AbortSignal,
): Promise<End[]> {
  const running = new Set<number>();
  const started = new Set<number>();
  const problems: string[] = [];
  const ends: End[] = [];
  await launcher.run(sweep, jobs, {
    signal,
    onStart(number) {
      if (started.has(number)) problems.push(`job ${number} started twice`);
      started.add(number);
      running.add(number);
    },
    onEnd(number, code, why) {
      if (!running.delete(number)) problems.push(`job ${number} ended without running`);
      ends.push({ number, code, ...(why === undefined ? {} : { why }) });
    },
  });
  problems.push(...Array.from(running, (number) => `job ${number} did not end before run() did`));
  assertEqual(problems, [], 'What is wrong in what it told of its jobs');
  return ends;
}

function allEnded(launcher: DetachedLauncher, sweep: LaunchedSweep, jobs: readonly LaunchJob[]): Promise<void> {
  return until('all jobs have ended', async () => {
    const states = await launcher.states(sweep, jobs);
    return jobs.every(({ number }) => states.get(number)?.state === 'ended');
  });
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    assert(Date.now() < deadline, `It did not come about within ${PATIENCE_MS / 1000} seconds that ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
