/** `osc train --multirun` and `osc sweep`, with processes as a user has them. */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { BIN, runCli } from './run-cli';
import { resultOf, TINY, workingDirectory } from './training';

const { cwd, env } = workingDirectory();
const BASE = [
  ...TINY.filter((text) => !text.startsWith('lr_scheduler')),
  'lr_scheduler=linear1_cosine4',
  'training.callbacks=[]',
];
/** Kills of a sweep at any moment. CI has time for more of them. */
const KILLS = process.env['CI'] === 'true' ? 10 : 3;

interface Line {
  readonly number: number;
  readonly overrides: readonly string[];
  readonly folder: string;
  readonly attempts: number;
  readonly state: string;
}

function linesOf(sweep: string): Line[] {
  const text = readFileSync(join(cwd, sweep, 'jobs.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const run = (...args: string[]): ReturnType<typeof runCli> => runCli(args, { cwd, env });

/** Three jobs, of which the second fails as it trains. */
const FAILING = [...BASE, 'optimizer.start_lr=1e-3,1e30,2e-3', 'launcher.jobs=2'];

test('a sweep runs each job once, tells of one that fails, and goes on with what is left', async () => {
  const first = await run('train', '-m', ...FAILING, '--sweep-dir', 'failing');
  expect(first.stderr).toMatch(/job 1 \(start_lr=1e30\) FAILED: Step 1 .* not finite/);
  expect(first.stdout).toContain('osc train --multirun --resume failing');
  expect(first.code).toBe(1);
  expect(linesOf('failing').map(({ folder, attempts, state }) => [folder, attempts, state])).toEqual([
    ['000', 1, 'finished'],
    ['001', 1, 'failed'],
    ['002', 1, 'finished'],
  ]);
  expect(linesOf('failing')[2]!.overrides).toContain('optimizer.start_lr=2e-3');

  const again = await run('train', '-m', '--resume', 'failing', '--json');
  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({ status: 'failed', counts: { finished: 2, failed: 1 } });
  expect(linesOf('failing').map(({ attempts }) => attempts)).toEqual([1, 2, 1]);

  const status = await run('sweep', 'status', 'failing');
  expect(status.stdout).toMatch(/1 +start_lr=1e30 +failed .*attempt 2/);
  const logs = await run('sweep', 'logs', 'failing', '1', '--lines', '500');
  expect(logs.stdout.match(/gave a loss that is not finite/g)).toHaveLength(2);
}, 120_000);

test('a run of a sweep is the run that the same overrides give alone', async () => {
  const alone = await run('train', ...BASE, 'optimizer.start_lr=2e-3', '--run-dir', 'alone');
  expect(alone.code).toBe(0);
  expect(resultOf(join(cwd, 'failing/002'))).toEqual(resultOf(join(cwd, 'alone')));
}, 60_000);

test('a sweep that was killed as its last job ended has its index put right', async () => {
  const file = join(cwd, 'failing/jobs.jsonl');
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, before.replaceAll('"finished"', '"running"'));
  writeFileSync(join(cwd, 'failing/jobs/001.json'), JSON.stringify({ state: 'finished', attempts: 2 }));
  expect((await run('train', '-m', '--resume', 'failing')).code).toBe(0);
  expect(linesOf('failing').map(({ state }) => state)).toEqual(['finished', 'finished', 'finished']);
}, 30_000);

test('a run that was edited meanwhile is refused before anything starts', async () => {
  writeFileSync(join(cwd, 'failing/jobs/002.json'), JSON.stringify({ state: 'stopped', attempts: 1 }));
  const config = join(cwd, 'failing/002/config.yaml');
  const before = readFileSync(config, 'utf8');
  writeFileSync(config, before.replace('start_lr: 0.002', 'start_lr: 0.003'));
  const { code, stderr } = await run('train', '-m', '--resume', 'failing');
  expect(stderr).toMatch(/The config of the run .*002 was edited: optimizer\.start_lr\./);
  expect(code).toBe(2);
  expect(linesOf('failing').map(({ attempts }) => attempts)).toEqual([1, 2, 1]);
  writeFileSync(config, before);
}, 60_000);

describe('a sweep that is killed at any moment', () => {
  const LONG = [
    ...BASE,
    'seeds=3..4',
    'lr_scheduler.warmup.epochs=96',
    'training.checkpoint_interval=10',
    'launcher.jobs=2',
  ].filter((text) => !/^(other|data\.train)\.seed/.test(text));

  test('loses nothing and runs nothing twice', async () => {
    await run('train', '-m', ...LONG, '--sweep-dir', 'whole');
    const start = (): ReturnType<typeof spawn> => {
      const args = existsSync(join(cwd, 'killed/sweep.yaml'))
        ? ['train', '-m', '--resume', 'killed']
        : ['train', '-m', ...LONG, '--sweep-dir', 'killed'];
      return spawn(process.execPath, [BIN, ...args], { cwd, env: { ...process.env, ...env }, stdio: 'ignore' });
    };
    const sometimes = Array.from({ length: KILLS }, (_, index) => ((index * 0.618) % 1) * 3500 + 700);
    for (const milliseconds of sometimes) {
      const child = start();
      const ended = new Promise((resolve) => child.once('close', resolve)); // it may end before it is killed
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      child.kill('SIGKILL');
      await ended;
    }
    const last = await run('train', '-m', '--resume', 'killed');
    expect(last.stderr).not.toContain('FAILED');
    expect(last.code).toBe(0);
    for (const folder of ['000', '001']) {
      expect(resultOf(join(cwd, 'killed', folder))).toEqual(resultOf(join(cwd, 'whole', folder)));
    }
    expect(linesOf('killed').map(({ state }) => state)).toEqual(['finished', 'finished']);
    expect(readdirSync(join(cwd, 'killed/jobs')).filter((name) => name.endsWith('.lock'))).toEqual([]);
  }, 480_000);
});

test('asked to stop, its jobs write checkpoints, and the exit code is 75', async () => {
  const args = [
    'train',
    '-m',
    ...BASE,
    'model.obj_fn.num_iters=1,2',
    'lr_scheduler.warmup.epochs=2000',
    'training.checkpoint_interval=500',
  ];
  const child = spawn(process.execPath, [BIN, ...args, '--sweep-dir', 'stopped'], {
    cwd,
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const metrics = join(cwd, 'stopped/000/metrics.jsonl');
  while (!existsSync(metrics) || readFileSync(metrics, 'utf8') === '')
    await new Promise((resolve) => setTimeout(resolve, 50));
  const { code, stdout } = await run('sweep', 'stop', 'stopped', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'stopped', jobs: [{ state: 'stopped' }, { state: 'waiting' }] });
  expect(await ended).toBe(75);
  expect(readdirSync(join(cwd, 'stopped/000/checkpoints'))).not.toEqual([]);
}, 60_000);

test('a process that only a lock names is not stopped', async () => {
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const lock = join(cwd, 'whole/.lock');
  writeFileSync(lock, JSON.stringify({ host: hostname(), pid: bystander.pid, token: 'x' }));
  const { code, stderr } = await run('sweep', 'stop', 'whole');
  expect(stderr).toMatch(/Process \d+ on .* has to be stopped by hand\. Whether it is the one/);
  expect(code).toBe(2);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  bystander.kill();
  rmSync(lock);
}, 30_000);

test('a search that learns from its jobs goes on round by round, and from where it was', async () => {
  mkdirSync(join(cwd, 'climber'));
  const manifest = { kind: 'sweeper', name: 'climber', summary: 'Takes the better half' };
  const osc = { apiVersion: 1, main: './index.cjs', components: [manifest] };
  writeFileSync(
    join(cwd, 'climber/package.json'),
    JSON.stringify({ name: 'osc-plugin-climber', version: '1.0.0', oscPlugin: osc }),
  );
  writeFileSync(
    join(cwd, 'climber/index.cjs'),
    `const { component, z } = require('osc-trainer/sdk');
    class Climber {
      async propose(space, trials) {
        if (trials.length >= 4) return [];
        if (trials.length === 0) return [[0.0001], [0.001]];
        const losses = await Promise.all(trials.map(async (t) => (await t.metrics())['l_global/train']));
        const best = trials[losses.indexOf(Math.min(...losses))].values[0];
        return [[best * 1.5], [best * 2]];
      }
    }
    component({ ...${JSON.stringify(manifest)}, options: z.strictObject({}) })(Climber);
    exports.Climber = Climber;`,
  );
  const args = ['--plugin', './climber', 'sweeper=climber', 'optimizer.start_lr=interval(1e-5,1)', 'launcher.jobs=2'];
  const first = await run('train', '-m', ...args, ...BASE, '--sweep-dir', 'climbed', '--json');
  expect(JSON.parse(first.stdout)).toMatchObject({ status: 'finished', counts: { finished: 4 } });
  const refused = await run('train', '-m', '--resume', 'climbed');
  expect(refused.stderr).toMatch(/names plugins that this project does not enable/);
  const again = await run('train', '-m', '--resume', 'climbed', '--trust-plugins', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ status: 'finished', counts: { finished: 4 } });
}, 120_000);

describe('bad input is told before anything starts', () => {
  test.each<[string, string[], RegExp]>([
    [
      'one job of many',
      ['model.obj_fn.num_iters=1,abc,2'],
      /1 of the sweep's 3 jobs cannot be composed.*\n+Job 1 \(num_iters=abc\)/,
    ],
    ['two jobs that are the same', ['optimizer.start_lr=1e-3,0.001'], /same/],
    ['a choice twice', ['training.batch_size=8,8'], /batch_size/],
    [
      'an option that the launcher has not',
      ['seeds=0..1', 'launcher.job=3'],
      /launcher\.job\b.*Did you mean launcher\.jobs/,
    ],
    ['an interval without a search', ['optimizer.start_lr=interval(1e-4,1e-2)'], /interval/],
    ['a sweep that is not there', ['--resume', 'nowhere'], /There is no sweep nowhere/],
    ['a folder that is none', ['--resume', 'alone'], /alone is no sweep/],
    ['a flag of single runs', ['--run-dir', 'x'], /--run-dir is for one run/],
  ])('%s', async (_, args, message) => {
    const isResume = args.includes('--resume');
    const seeds = args.some((text) => text.startsWith('seeds='));
    const base = isResume ? [] : BASE.filter((text) => !seeds || !/^(other|data\.train)\.seed/.test(text));
    const { code, stderr } = await run('train', '-m', ...base, ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(join(cwd, 'multirun'))).toBe(false);
  });

  test('a list of jobs that is damaged is named with its line', async () => {
    appendFileSync(join(cwd, 'stopped/jobs.jsonl'), '{"number": 7}\n');
    const { code, stderr } = await run('sweep', 'status', 'stopped');
    expect(stderr).toMatch(/jobs\.jsonl is damaged\. Line 3: /);
    expect(code).toBe(2);
  });
});
