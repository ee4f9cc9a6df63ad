/** The script that SLURM runs, run by hand: what it does with signals, and with how the job ends. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchedSweep, LaunchJob } from 'osc-trainer/sdk';
import { createForTest } from 'osc-trainer/sdk/testing';
import { installFakeSlurm, type FakeSlurm } from './fake-slurm.fixture';
import { SlurmLauncher } from './slurm-launcher';

let slurm: FakeSlurm;
let sweep: LaunchedSweep;
let root: string;

beforeEach(() => {
  slurm = installFakeSlurm();
  root = mkdtempSync(join(tmpdir(), 'osc-slurm-'));
  const files = join(root, 'launcher');
  mkdirSync(files);
  mkdirSync(join(root, 'jobs'));
  sweep = { name: 'owl', folder: root, files, command: [], cwd: root, threads: null, cores: 2 };
});
afterEach(() => {
  slurm.restore();
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** Runs the script of job 0 as SLURM would, with a program in the place of the job. */
const run = async (
  program: string,
  options: Record<string, unknown> = {},
  before: () => void = () => undefined,
): Promise<{ code: number; log: string }> => {
  const command = [process.execPath, '-e', program, '--'];
  slurm.answer('sbatch', { stdout: '4711\n' }); // it takes the job, and does not run it
  const job: LaunchJob = { number: 0, name: '', log: join(root, 'jobs', '000.log') };
  await createForTest<SlurmLauncher>(SlurmLauncher, { options }).submit({ ...sweep, command }, [job]);
  const file = readdirSync(sweep.files).filter((name) => name.endsWith('.sh')).sort().at(-1)!; // prettier-ignore
  before();
  const env = { ...process.env, SLURM_ARRAY_JOB_ID: '4711', SLURM_ARRAY_TASK_ID: '0', SLURM_CPUS_PER_TASK: '3' };
  const script = `/bin/bash ${join(sweep.files, file)}; echo "ended with $?"`;
  const log = execFileSync('/bin/bash', ['-c', script], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { code: Number(/ended with (\d+)/.exec(log)?.[1]), log };
};
/** The job tells SLURM's signal to the script, stops when it is told to, and ends with a code. */
const asked = (signal: string, code: number): string =>
  `process.on('SIGTERM', () => setTimeout(() => process.exit(${code}), 50));
   setTimeout(() => process.kill(process.ppid, '${signal}'), 50); setTimeout(() => {}, 9999)`;

test.each([0, 2, 130])('a job that ends with %d ends so', async (code) => {
  expect((await run(`process.exit(${code})`)).code).toBe(code);
  expect(slurm.calls('scontrol').filter(([, word]) => word !== 'show')).toEqual([]);
});

test('threads are the cores that SLURM gives', async () => {
  expect((await run('console.log("threads", process.env.OSC_THREADS, process.argv.at(-1))')).log).toContain(
    'threads 3 0',
  );
});

test('a job whose time is up requeues itself, as often as it may', async () => {
  slurm.answer('scontrol', { stdout: 'EndTime=2020-01-01T00:00:00 PreemptTime=None' });
  const first = await run(asked('SIGUSR1', 75), { max_num_timeout: 1 });
  expect(first).toMatchObject({ code: 75 });
  expect(first.log).toContain('Its time was nearly up: requeue 1 of 1.');
  expect(slurm.calls('scontrol').at(-1)).toEqual(['scontrol', 'requeue', '4711_0']);
  const second = await run(asked('SIGUSR1', 75), { max_num_timeout: 1 });
  expect(second.log).toContain('Its time is up, and launcher.max_num_timeout=1 allows no further requeue.');
  expect(second.log).toContain(`To go on from its checkpoint: osc train -m --resume ${root}`);
});

test.each([
  ['preempted', 'EndTime=2020-01-01T00:00:00 PreemptTime=2026-01-01T00:00:00'],
  ['asked by an administrator', 'EndTime=2999-01-01T00:00:00 PreemptTime=None'],
])('a job that is %s requeues itself, and that counts as no time-out', async (_, stdout) => {
  slurm.answer('scontrol', { stdout });
  const { code, log } = await run(asked('SIGUSR1', 75), { max_num_timeout: 0 });
  expect([code, log]).toEqual([75, expect.stringContaining('The job is back in the queue')]);
  expect(existsSync(join(sweep.files, 'timeouts'))).toBe(false);
});

test.each([
  ['is told to stop for good', 'SIGUSR2', 75],
  ['is being ended by SLURM', 'SIGTERM', 1],
  ['finishes all the same', 'SIGUSR1', 0],
  ['fails as it stops', 'SIGUSR1', 1],
])('a job that %s does not requeue itself', async (_, signal, code) => {
  // SLURM's SIGTERM goes to the job as well: here the job ends by itself
  const program = signal === 'SIGTERM' ? `process.kill(process.ppid, 'SIGTERM'); setTimeout(() => process.exit(75), 100)` : asked(signal, code); // prettier-ignore
  expect((await run(program)).code).toBe(signal === 'SIGTERM' ? 75 : code);
  expect(slurm.calls('scontrol').filter(([, word]) => word === 'requeue')).toEqual([]);
});

test('a job that ends before it can hear is put back too', async () => {
  slurm.answer('scontrol', { stdout: 'EndTime=Unknown PreemptTime=None' });
  const program = `setTimeout(() => process.kill(process.ppid, 'SIGUSR1'), 50); setTimeout(() => {}, 9999)`;
  expect((await run(program)).log).toContain('The job is back in the queue');
});

test('scontrol that is not there is told in the log', async () => {
  const { code, log } = await run(asked('SIGUSR1', 75), {}, () => slurm.remove('scontrol'));
  expect(code).toBe(75);
  expect(log).toMatch(/cannot go back into the queue, since scontrol fails on .*: .*scontrol: command not found/);
  expect(log).toContain('osc train -m --resume');
});

test('so is one that refuses, five times', async () => {
  const { code, log } = await run(asked('SIGUSR1', 75)); // the stand-in refuses
  expect([code, log]).toEqual([75, expect.stringContaining('cannot go back into the queue, since scontrol fails on')]);
  expect(slurm.calls('scontrol').filter(([, word]) => word === 'requeue')).toHaveLength(5);
  expect(log).toContain(': not today\n');
});

test('a job whose sweep was stopped while it waited does not begin', async () => {
  mkdirSync(join(sweep.files, 'stopped'));
  writeFileSync(join(sweep.files, 'stopped', '4711_0'), '');
  const { code, log } = await run('console.log("began")');
  expect(code).toBe(75);
  expect(log).not.toContain('began\n');
  expect(log).toContain('The sweep was stopped before this job began.');
});
