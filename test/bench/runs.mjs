// How fast many runs are read: `npm run build && node test/bench/runs.mjs [runs] [tests of each]`.
// Makes a sweep of small runs in a temporary folder (config, environment, a log of 200 steps, tests as `segmentation` writes them, the
// newest checkpoint without tensors), and times `osc runs list` and `osc runs compare` on it, and the jobs alone. Files are in the cache.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const require = createRequire(join(root, 'package.json'));
const { compareRuns, composeConfig, listRuns } = require('./dist/jobs/index.js');

const [count = 1000, tests = 8] = process.argv.slice(2).map(Number);
const cwd = mkdtempSync(join(tmpdir(), 'osc-bench-runs-'));
const sweep = join(cwd, 'multirun/2026-01-02/03-04-05_bench');

/** A number that looks measured, the same every time. */
const noise = (...of) => createHash('sha256').update(of.join()).digest().readUInt32LE() / 2 ** 32;

const SCORES = ['iou/by_img_no_bg', 'dice/by_img_no_bg', 'ari', 'fg_ari', 'mbo', 'msc', 'sc', 'miou', 'found'];
const ROWS = [
  '',
  ...['one', 'grid', 'voronoi', 'random', 'colours', 'ceiling', 'untrained'].map((row) => `blind/${row}/`),
];
const METRICS = ROWS.flatMap((row) => SCORES.map((score) => [row, score]));
const descriptions = Object.fromEntries(
  METRICS.map(([row, score]) => [
    `test/${row}${score}`,
    {
      label: score,
      better: 'higher',
      headline: row === '' && score !== 'sc',
      baseline: row !== '',
      table: { row, column: score },
    },
  ]),
);

function makeRun(number, yaml) {
  const run = join(sweep, String(number).padStart(4, '0'));
  const checkpoint = join(run, `checkpoints/epoch-${String(tests).padStart(4, '0')}_step-00000200`);
  for (const folder of [checkpoint, join(run, 'evaluations')]) mkdirSync(folder, { recursive: true });
  const [dim, iters, seed] = [64 * (1 + (number % 5)), 1 + (Math.floor(number / 5) % 4), Math.floor(number / 20)];
  const changed = { embed_dim: dim, num_iters: iters, seed, num_epochs: tests };
  const config = yaml.replace(
    /^( *)(embed_dim|num_iters|seed|num_epochs): .*$/gm,
    (_, blanks, key) => `${blanks}${key}: ${changed[key]}`,
  );
  writeFileSync(
    join(run, 'config.yaml'),
    config.replace(/^ {2}name: bench$/m, `  name: embed_dim=${dim},num_iters=${iters}`),
  );
  writeFileSync(
    join(run, 'overrides.yaml'),
    `plugins: []\noverrides:\n  - +exp=demo\n  - model.backbone.embed_dim=${dim}\n  - other.seed=${seed}\n`,
  );
  const session = {
    started: '2026-01-02T03:04:05.000Z',
    versions: { node: 'v20.20.0', osc: '0.1.0', tfjs: '4.22.0' },
    engine: { name: 'native', threads: 2, device: 'CPU, AVX2' },
    ...{ seeds: { other: seed }, plugins: [], command: ['train', '+exp=demo'], slurm: {}, pid: 1 },
    machine: { hostname: 'bench', platform: 'linux-x64', cpu: 'a CPU', cores: 2, memoryBytes: 1e10 },
    ended: { status: 'finished', seconds: 100 },
  };
  writeFileSync(join(run, 'environment.json'), JSON.stringify({ sessions: [session] }, null, 2));
  const line = (step) =>
    JSON.stringify({
      step,
      epoch: Math.floor((step * tests) / 200),
      'l_global/train': 4 - noise(number, step),
      lr: 1e-3,
      grad_norm: 1,
      'slots/in_use': 4,
    });
  writeFileSync(join(run, 'metrics.jsonl'), `${Array.from({ length: 200 }, (_, step) => line(step)).join('\n')}\n`);
  for (let test = 0; test < tests; test++) {
    const metrics = Object.fromEntries(
      METRICS.map(([row, score]) => [`test/${row}${score}`, noise(number, test, row, score)]),
    );
    const evaluation = {
      evaluator: 'segmentation',
      options: { attention: 'first' },
      data: { name: 'scenes', samples: 160 },
      metrics,
      descriptions,
    };
    const point = { step: (200 / tests) * (test + 1), epoch: test, evaluations: [evaluation] };
    writeFileSync(
      join(run, `evaluations/epoch-${String(test + 1).padStart(4, '0')}.json`),
      JSON.stringify(point, null, 2),
    );
  }
  const losses = (epoch) => ({ l_global: 4 - noise(number, epoch), l_objects: noise(number, epoch, 1) });
  const state = {
    ...{ format: 1, position: { step: 200, epoch: tests, batch: 0 }, lossSums: {} },
    history: Array.from({ length: tests }, (_, epoch) => ({ epoch, train: losses(epoch), val: losses(epoch) })),
    ...{ lossWeights: {}, pendingEpochEnd: null, stopReason: null, callbacks: {}, sha256: {} },
  };
  const self = createHash('sha256').update(JSON.stringify(state)).digest('hex');
  writeFileSync(join(checkpoint, 'state.json'), JSON.stringify({ ...state, self }, null, 2));
}

async function timed(what, work) {
  const times = [];
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    await work();
    times.push((performance.now() - start) / 1000);
  }
  console.log(
    `${what.padEnd(40)} ${Math.min(...times).toFixed(2)} s (of ${times.map((time) => time.toFixed(2)).join(', ')})`,
  );
}

const osc = (...args) =>
  execFileSync(process.execPath, [join(root, 'dist/cli/bin.js'), ...args], { cwd, maxBuffer: 2 ** 28 });

try {
  mkdirSync(sweep, { recursive: true });
  writeFileSync(join(sweep, 'sweep.yaml'), '');
  const { toYaml } = await composeConfig({
    cwd,
    overrides: ['+exp=demo', 'logging.name=bench', 'other.seed=1', 'data.train.seed=1'],
  });
  for (let number = 0; number < count; number++) makeRun(number, toYaml());
  console.log(`${count} runs of ${tests} tests`);
  await timed('osc runs list', () => osc('runs', 'list'));
  await timed('osc runs compare', () => osc('runs', 'compare'));
  await timed('osc runs compare --group-by --csv', () => osc('runs', 'compare', '--group-by', '--csv'));
  await timed('osc runs compare --plot, a band of seeds', () => osc('runs', 'compare', '--plot', 'test/ari'));
  await timed('listRuns() alone', () => listRuns({ cwd }));
  await timed('compareRuns() alone', () => compareRuns({ cwd }));
  console.log(`at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB of memory for the jobs`);
} finally {
  rmSync(cwd, { recursive: true });
}
