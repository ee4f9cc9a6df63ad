import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diffRuns } from './diff-runs';
import { makeRun } from './made-run.fixture';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-diff-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const diff = () => diffRuns({ cwd, a: 'a', b: 'b' });
const at = (name: string): string => join(cwd, name);

test('keys that differ, each with where it comes from', async () => {
  makeRun(at('a'), {
    config: {
      model: { backbone: { embed_dim: 64, drop: 0.1 }, obj_queries: { name: 'learned', init: 'normal' } },
      optimizer: { start_lr: 0.1 },
      other: { seed: 1 },
      training: { num_epochs: 2, callbacks: ['ema'], ema: { decay: 0.9 } },
    },
    overrides: [
      '--plugin ema',
      'model.backbone.embed_dim=32',
      'model.backbone={embed_dim: 64, drop: 0.1}',
      'other.seed=1',
    ],
  });
  makeRun(at('b'), {
    config: {
      model: { backbone: { embed_dim: 32, drop: 0.2 }, obj_queries: { name: 'sample', init: 'zero' } },
      optimizer: { start_lr: 0.2 },
      other: { seed: 2 },
      training: { num_epochs: 2, callbacks: [] },
    },
    overrides: ['+exp=demo', 'model/obj_queries=sample', "broken='", 'model.backbone.embed_dim=32'],
  });
  const { config } = await diff();
  expect(config.map(({ key, a, b, originA, originB }) => [key, a, b, originA, originB])).toEqual([
    ['training.callbacks', ['ema'], [], '--plugin ema', '+exp=demo, or a default'],
    ['training.ema.decay', 0.9, undefined, '--plugin ema', null],
    ['model.backbone.embed_dim', 64, 32, 'model.backbone={embed_dim: 64, drop: 0.1}', 'model.backbone.embed_dim=32'],
    ['model.backbone.drop', 0.1, 0.2, 'model.backbone={embed_dim: 64, drop: 0.1}', '+exp=demo, or a default'],
    ['model.obj_queries.name', 'learned', 'sample', 'groups or defaults', 'model/obj_queries=sample, or a default'],
    ['model.obj_queries.init', 'normal', 'zero', 'groups or defaults', 'model/obj_queries=sample, or a default'],
    ['optimizer.start_lr', 0.1, 0.2, 'groups or defaults', '+exp=demo, or a default'],
    ['other.seed', 1, 2, 'other.seed=1', '+exp=demo, or a default, or drawn'],
  ]);
});

test('engine and metrics', async () => {
  makeRun(at('a'), { engine: 'wasm', ari: [0.1, 0.75] });
  makeRun(at('b'), { ari: [0.5], log: [{ step: 1, epoch: 0, lr: 0.5 }] });
  const { environment, metrics, a, b } = await diff();
  expect([a.label, b.label]).toEqual(['a', 'b']);
  expect(environment).toEqual([{ what: 'engine', a: 'wasm', b: 'native' }]);
  expect(metrics.find(({ name }) => name === 'test/ari')).toMatchObject({
    ...{ label: 'ARI', better: 'higher', difference: -0.25 },
    a: { first: 0.1, last: 0.75, best: { value: 0.75, epochs: 2 } },
    b: { first: 0.5, last: 0.5, best: { value: 0.5, epochs: 1 } },
  });
  expect(metrics.find(({ name }) => name === 'lr')).toMatchObject({ a: null, b: { last: 0.5 }, difference: null });
  expect(metrics.map(({ name }) => name)).not.toContain('test/blind');
});

test('two runs, and not one twice', async () => {
  makeRun(at('a'));
  await expect(diffRuns({ cwd, a: 'a', b: './a' })).rejects.toThrow(/are the same run/);
  await expect(diff()).rejects.toThrow('There is no run, sweep or folder b.');
});
