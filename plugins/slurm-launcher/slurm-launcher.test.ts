/** The launcher on stand-ins for SLURM's programs: what they are asked, and what their answers come to. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isReportedError, RunError, UsageError, type LaunchedSweep, type LaunchJob } from 'osc-trainer/sdk';
import { createForTest } from 'osc-trainer/sdk/testing';
import { runProgram } from './commands';
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
  sweep = {
    name: 'owl',
    folder: root,
    files,
    command: [process.execPath, '-e', '0', 'x'],
    cwd: root,
    threads: null,
    cores: 2,
  };
});
afterEach(() => {
  slurm.restore();
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

const launcher = (options: object = {}): SlurmLauncher =>
  createForTest<SlurmLauncher>(SlurmLauncher, { options: { ...options } });
const jobs = (...numbers: number[]): LaunchJob[] =>
  numbers.map((number) => ({
    number,
    name: `n=${number}`,
    log: join(root, 'jobs', `${String(number).padStart(3, '0')}.log`),
  }));
/** SLURM takes all, and runs nothing. */
const takeAll = (id = 4711): void => slurm.answer('sbatch', { stdout: `${id}\n` });
const failure = (promise: Promise<unknown>): Promise<UsageError | RunError> =>
  promise.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: unknown) => {
      if (!isReportedError(error)) throw error;
      return error;
    },
  );

describe('submitting', () => {
  test('is one call of sbatch, with a script that says the same', async () => {
    takeAll();
    expect(await launcher({ partition: 'gpu' }).submit(sweep, jobs(0, 1, 2, 5))).toEqual([
      'SLURM has jobs 0-2,5 as 4711_[0-2,5].',
    ]);
    const [call, ...others] = slurm.calls('sbatch');
    expect(others).toEqual([]);
    expect(call).toEqual(expect.arrayContaining(['--parsable', '--partition=gpu', '--array=0-2,5%256', '--requeue']));
    const path = join(sweep.files, 'submit-001.sh');
    expect(call!.at(-1)).toBe(path);
    const script = readFileSync(path, 'utf8');
    expect(script).toContain(`\n#SBATCH --partition=gpu\n`);
    expect(script).toContain(`\n#SBATCH --output=${root}/jobs/%3a.log\n`);
    expect(script).toContain('\n# Jobs 0-2,5 of the sweep owl,');
    execFileSync('/bin/bash', ['-n', path]);
  });

  test('is several arrays on a cluster with a small MaxArraySize, one after the other where jobs are limited', async () => {
    slurm.answer('scontrol', { stdout: 'MaxArraySize            = 5\nSchedulerParameters = a,max_array_tasks=4,b\n' });
    takeAll();
    await launcher({ array_parallelism: 3 }).submit(sweep, jobs(0, 3, 4, 9));
    const calls = slurm.calls('sbatch').map((call) => call.filter((word) => /^--(array|dependency)/.test(word)));
    expect(calls).toEqual([
      ['--array=0,3%3'],
      ['--dependency=afterany:4711', '--array=0%3'],
      ['--dependency=afterany:4711', '--array=1%3'],
    ]);
    expect(readFileSync(join(sweep.files, 'submit-003.sh'), 'utf8')).toContain('number=$((8 + SLURM_ARRAY_TASK_ID))');
    slurm.answer('squeue', { stdout: '4711_1|RUNNING|None\n' });
    expect(await launcher().states(sweep, jobs(9, 3))).toEqual(
      new Map([
        [3, { state: 'ended' }],
        [9, { state: 'running' }],
      ]),
    );
  });

  test('runs lines of setup before the job, and redirects logs that no pattern fits', async () => {
    takeAll();
    const [first, second] = jobs(0, 1);
    await launcher({ setup: ['module load nodejs', 'set -e'] }).submit(sweep, [
      first!,
      { ...second!, log: '/x y.log' },
    ]);
    const script = readFileSync(join(sweep.files, 'submit-001.sh'), 'utf8');
    expect(script).toContain("  1) log='/x y.log' ;;\n");
    expect(script).toContain('\n#SBATCH --output=/dev/null\n');
    expect(script).toMatch(/# launcher.setup\nmodule load nodejs\nset -e\nset \+eu\n/);
  });

  test.each([
    [
      'sbatch: error: invalid partition specified: nope\n',
      { partition: 'nope' },
      'launcher.partition is nope.',
      'sinfo',
    ],
    ['sbatch: error: Invalid account or account/partition combination specified', { account: 'lab' }, 'launcher.account', 'sacctmgr'], // prettier-ignore
    ['sbatch: error: Batch job submission failed: Requested time limit is invalid', {}, 'launcher.timeout_min is 60.', 'sinfo'], // prettier-ignore
    ['sbatch: error: QOSMaxSubmitJobPerUserLimit', {}, 'SLURM does not take the jobs: QOSMax', 'few'],
  ])('that SLURM refuses (%j) is told in its words, before and then', async (stderr, options, said, hint) => {
    slurm.answer('sbatch', { code: 1, stderr });
    for (const step of ['check', 'submit'] as const) {
      const error = await failure(launcher(options)[step](sweep, jobs(0)));
      expect(error).toBeInstanceOf(UsageError);
      expect(error.message).toContain(said);
      expect(error.hints.join()).toContain(hint.slice(0, 3));
    }
    expect(await launcher().states(sweep, jobs(0))).toEqual(new Map());
    expect(slurm.calls('squeue')).toEqual([]);
  });

  test('goes on where nodes are down at present: such jobs wait', async () => {
    slurm.answer('sbatch', { code: 1, stderr: 'allocation failure: Requested node configuration is not available' });
    await launcher().check(sweep, jobs(0));
  });

  test('leaves it open whether a controller that answers too late took the jobs, and finds them by their script', async () => {
    slurm.answer('sbatch', { code: 1, stderr: 'sbatch: error: Socket timed out on send/recv operation' });
    const error = await failure(launcher().submit(sweep, jobs(0, 1)));
    expect(error).toBeInstanceOf(RunError);
    expect(error.message).toContain('whether it has taken the jobs is not known');
    slurm.answer('squeue', {
      stdout: `99|/other.sh\n4711|${join(sweep.files, 'submit-001.sh')}\n4711_0|RUNNING|None\n`,
    });
    expect(await launcher().states(sweep, jobs(0))).toEqual(new Map([[0, { state: 'running' }]]));
    slurm.answer('squeue', { stdout: '4711_1|PENDING|Priority\n' });
    expect(await launcher().states(sweep, jobs(1))).toEqual(new Map([[1, { state: 'waiting', detail: 'Priority' }]]));
  });
});

describe('states', () => {
  test('of hundreds of jobs are one question', async () => {
    takeAll();
    const many = jobs(...Array.from({ length: 900 }, (_, i) => i));
    await launcher().submit(sweep, many);
    slurm.answer('squeue', { stdout: '4711_[10-899%256]|PENDING|JobArrayTaskLimit\n4711_3|RUNNING|None\n' });
    const states = await launcher().states(sweep, many);
    expect([states.size, states.get(899), states.get(3), states.get(4)]).toEqual([
      900,
      { state: 'waiting', detail: 'JobArrayTaskLimit' },
      { state: 'running' },
      { state: 'ended' },
    ]);
    expect(slurm.calls('squeue')).toHaveLength(1);
  });

  test('come from accounting for those that the queue has forgotten', async () => {
    takeAll();
    await launcher().submit(sweep, jobs(0, 1, 2, 3, 4));
    slurm.answer('squeue', { code: 1, stderr: 'slurm_load_jobs error: Invalid job id specified' });
    slurm.answer('sacct', {
      // as SLURM 22.05 writes it: the last row is of the waiting rest, and has all indices
      stdout:
        '4711_0|COMPLETED\n4711_1|OUT_OF_MEMORY\n4711_3|TIMEOUT\n4711_4|RUNNING\n4711_[0-4%3]|CANCELLED by 1000\n',
    });
    expect(Object.fromEntries(await launcher().states(sweep, jobs(0, 1, 2, 3, 4)))).toEqual({
      0: { state: 'ended' },
      1: { state: 'ended', detail: 'OUT_OF_MEMORY' },
      2: { state: 'ended', detail: 'CANCELLED', cancelled: true },
      3: { state: 'ended', detail: 'TIMEOUT' },
      4: { state: 'ended' }, // accounting has missed its end
    });
    expect(slurm.calls('sacct')[0]).toContain('--jobs=4711');
  });

  test('of jobs that were cancelled while they waited are so without accounting, too', async () => {
    takeAll();
    await launcher().submit(sweep, jobs(0, 1, 2));
    slurm.answer('squeue', { stdout: '4711_0|COMPLETED|None\n4711|CANCELLED|Resources\n' });
    expect(Object.fromEntries(await launcher().states(sweep, jobs(0, 2)))).toEqual({
      0: { state: 'ended' },
      2: { state: 'ended', detail: 'CANCELLED', cancelled: true },
    });
  });

  test('of a job that was submitted twice are those of the entry that lives, and no id is lost', async () => {
    takeAll(1);
    await launcher().submit(sweep, jobs(0, 1));
    appendFileSync(join(sweep.files, 'submissions.jsonl'), '{"submission":2,"jo'); // a crash
    takeAll(2);
    await launcher().submit(sweep, jobs(1));
    expect(readdirSync(sweep.files).sort()).toEqual(['submissions.jsonl', 'submit-001.sh', 'submit-002.sh']);
    slurm.answer('squeue', { stdout: '1_1|RUNNING|None\n2_1|FAILED|NonZeroExitCode\n1_0|TIMEOUT|None\n' });
    expect(Object.fromEntries(await launcher().states(sweep, jobs(0, 1)))).toEqual({
      0: { state: 'ended', detail: 'TIMEOUT' },
      1: { state: 'running' },
    });
  });

  test('are no states where the file of ids is somebody else’s', async () => {
    const file = join(sweep.files, 'submissions.jsonl');
    const lines = ['null', '[]', '{"submission":1,"offset":0,"jobs":"0-99999999"}', '{"submission":1,"id":"$(rm x)"}'];
    writeFileSync(file, lines.join('\n'));
    expect((await launcher().states(sweep, jobs(0))).size).toBe(0);
    rmSync(file);
    mkdirSync(file);
    expect((await failure(launcher().states(sweep, jobs(0)))).message).toContain('it is no file');
  });
});

test('stopping takes those that wait out of the queue, and tells those that run to stop for good', async () => {
  takeAll();
  await launcher().submit(sweep, jobs(0, 1, 2, 3, 4));
  slurm.answer('squeue', {
    stdout: '4711_0|COMPLETED|None\n4711_1|RUNNING|None\n4711_2|RUNNING|None\n4711_4|PENDING|None\n',
  });
  slurm.answer('scancel', {});
  await launcher().stop(sweep, jobs(0, 1, 2, 4));
  expect(slurm.calls('scancel')).toEqual([
    ['scancel', '--state=PENDING', '4711_[1-2,4]'],
    ['scancel', '--signal=USR2', '--batch', '4711_[1-2]'],
  ]);
  expect(readdirSync(join(sweep.files, 'stopped')).sort()).toEqual(['4711_1', '4711_2', '4711_4']);
  slurm.answer('scancel', {
    code: 1,
    stderr: 'scancel: error: Kill job error on job id 4711_1: Access/permission denied',
  });
  const denied = await failure(launcher().stop(sweep, jobs(1)));
  expect(denied.message).toContain('Access/permission denied');
  slurm.answer('scancel', {
    code: 1,
    stderr: 'scancel: error: Kill job error on job id 4711_1: Invalid job id specified',
  });
  await launcher().stop(sweep, jobs(1)); // it has ended meanwhile
});

test('a sweep folder from elsewhere cannot stop other jobs of the user', async () => {
  takeAll();
  await launcher().submit(sweep, jobs(0));
  slurm.answer('squeue', { stdout: '4711_0|RUNNING|None\n4711|/home/me/important/launcher/submit-001.sh\n' });
  const error = await failure(launcher().stop(sweep, jobs(0)));
  expect(error.message).toContain('its script /home/me/important/launcher/submit-001.sh is not in');
  expect(slurm.calls('scancel')).toEqual([]);
  expect(existsSync(join(sweep.files, 'stopped'))).toBe(false);
});

describe('without SLURM', () => {
  test('nothing is submitted', async () => {
    slurm.remove('scontrol');
    const error = await failure(launcher().check(sweep, jobs(0)));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(
      'launcher=slurm needs scontrol, and it was not found on PATH. Is this a login node of a SLURM cluster?',
    );
    expect((await failure(launcher().submit(sweep, jobs(0)))).message).toBe(error.message);
    expect(existsSync(join(sweep.files, 'submissions.jsonl'))).toBe(false);
  });

  test('what was submitted cannot be asked for', async () => {
    takeAll();
    await launcher().submit(sweep, jobs(0));
    slurm.remove('squeue');
    const error = await failure(launcher().states(sweep, jobs(0)));
    expect(error).toBeInstanceOf(RunError);
    expect(error.message).toContain('squeue, which would be asked about them, was not found on PATH.');
  });

  test('a controller that is down is told as such', async () => {
    takeAll();
    await launcher().submit(sweep, jobs(0));
    const down = { code: 1, stderr: 'error: Unable to contact slurm controller (connect failure)' };
    for (const program of ['squeue', 'scontrol', 'sbatch'] as const) slurm.answer(program, down);
    for (const step of ['states', 'stop', 'check', 'submit'] as const) {
      const error = await failure(launcher()[step](sweep, jobs(0)));
      expect(error).toBeInstanceOf(RunError);
      expect(error.message).toContain('SLURM does not answer. ');
    }
  });

  test('a program that hangs is given up', async () => {
    slurm.answer('squeue', { hang: true });
    const error = await failure(runProgram('squeue', [], { timeoutMs: 300 }));
    expect(error.message).toBe('squeue gave no answer within 0.3 seconds.');
  });
});
