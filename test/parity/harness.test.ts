/** That the harness can fail: wrong numbers, shapes and names are found, and what it does not know fails by name. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseEngine } from '../../src/engine';
import { Registry } from '../../src/registry';
import type { Context } from './adapter';
import { absolute, exact, holds, relative, worstOf } from './compare';
import { Fixture, type FixtureJson } from './fixture';
import { describe as lineOf, runFixture } from './run';
import { unknownTo } from './unknown';

const TRAIN5 = join(__dirname, 'train5/train5_kmeans_euclidean_ctr_ctr_img.json');

const f32 = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer).toString('base64');
const i32 = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer).toString('base64');

function assignment(cols: number[]): Fixture {
  return new Fixture({
    name: 'assignment',
    component: 'linear_sum_assignment(maximize=True)',
    scalars: { total: 5 },
    tensors: {
      'inputs.score': { shape: [2, 2], f32: f32(0, 2, 3, 0) },
      'outputs.rows': { shape: [2], i32: i32(0, 1) },
      'outputs.cols': { shape: [2], i32: i32(...cols) },
    },
  });
}

/** Two views of one image: loss 0, gradient 0. */
function contrastive(
  change: {
    gradient?: number[];
    noGrad?: string[];
    shape?: number[];
    component?: string;
    config?: Record<string, unknown>;
    scalars?: Record<string, unknown>;
    tensors?: Record<string, { shape: number[]; f32: string }>;
    noise?: Record<string, number>;
    others?: Record<string, unknown>;
  } = {},
): Fixture {
  const scalar = { shape: [], f32: f32(0) };
  return new Fixture({
    name: 'ctr',
    component: change.component ?? 'contrastive_loss (ctr)',
    config: change.config ?? { temp: 0.5 },
    scalars: change.scalars ?? {},
    f32_vs_f64_relerr: change.noise ?? {},
    ...change.others,
    no_grad: change.noGrad ?? [],
    tensors: {
      'inputs.projs': { shape: [2, 2], f32: f32(1, 2, 3, 1) },
      'cotangents.mean': { shape: [], f32: f32(1) },
      'outputs.mean': scalar,
      'outputs.sum': scalar,
      'outputs.none': { shape: change.shape ?? [2], f32: f32(0, 0) },
      'grad.inputs.projs': { shape: [2, 2], f32: f32(...(change.gradient ?? [0, 0, 0, 0])) },
      ...change.tensors,
    },
  });
}

describe('the parity harness', () => {
  let context: Context;
  beforeAll(async () => {
    await chooseEngine('cpu').prepare();
    context = { registry: await Registry.open({ plugins: [], from: __dirname }) };
  });

  it('passes what is right', async () => {
    expect(await runFixture(assignment([1, 0]), context)).toMatchObject({ status: 'passed' });
    expect(await runFixture(contrastive(), context)).toMatchObject({ status: 'passed' });
  });

  it('fails a wrong integer, a wrong gradient, a wrong shape', async () => {
    expect(await runFixture(assignment([0, 1]), context)).toMatchObject({
      status: 'failed',
      worst: { what: 'outputs.cols', error: 2 },
    });
    expect(await runFixture(contrastive({ gradient: [0, 0, 0, 1] }), context)).toMatchObject({
      status: 'failed',
      worst: { what: 'grad.inputs.projs', error: 1 },
    });
    expect(await runFixture(contrastive({ shape: [1, 2] }), context)).toMatchObject({
      status: 'failed',
      message: 'outputs.none has shape [2] instead of [1,2].',
    });
  });

  it('fails a gradient to something that is not there', async () => {
    expect(await runFixture(contrastive({ noGrad: ['grad.inputs.feats'] }), context)).toMatchObject({
      status: 'failed',
      message: 'There is nothing to take grad.inputs.feats of.',
    });
  });

  it('fails a component it does not know, by name', async () => {
    const outcome = await runFixture(contrastive({ component: 'dreams' }), context);
    expect(lineOf(outcome)).toMatch(/^FAIL {2}ctr +component 'dreams' is not known$/);
  });

  const scalar = { shape: [], f32: f32(0) };
  it.each([
    [{ config: { temp: 0.5, margin: 2 } }, 'config.margin (2)'],
    [{ config: { temp: 0.5, dropout: 0.1 } }, 'config.dropout (0.1)'],
    [{ tensors: { 'inputs.mask': scalar } }, 'inputs.mask'],
    [{ tensors: { 'targets.x': scalar } }, 'targets.x'],
    [{ tensors: { 'outputs.median': scalar } }, 'not known, and not compared: outputs.median'],
    [{ tensors: { 'cotangents.median': scalar } }, 'There is no output to weigh by cotangents.median.'],
  ])('fails what it would have to ignore: %j', async (more, message) => {
    const outcome = await runFixture(contrastive(more), context);
    expect(lineOf(outcome)).toMatch(/^FAIL/);
    expect(lineOf(outcome)).toContain(message);
  });

  it('heeds options of parts, and passes those that turn nothing on', () => {
    const fixture = (config: Record<string, unknown>): Fixture => new Fixture({ name: 'x', component: 'y', config });
    const known = { config: ['model.width', 'loss'], tensors: [] };
    expect(unknownTo(known, fixture({ model: { width: 1, drop_path: 0 }, loss: { any: 1 }, qkv_bias: false }))).toEqual(
      [],
    );
    expect(unknownTo(known, fixture({ model: null }))).toEqual([]);
    expect(unknownTo(known, fixture({ model: { depth: 1 }, qkv_bias: true }))).toEqual([
      'config.model.depth (1)',
      'config.qkv_bias (true)',
    ]);
  });

  it('names scalars and members of the file that it does not compare', async () => {
    const outcome = await runFixture(
      contrastive({ scalars: { scalar_L: 0, margin: 1 }, others: { origin: 'x' } }),
      context,
    );
    expect(outcome).toMatchObject({ status: 'passed', leftOut: 'scalars.margin, origin' });
  });

  it('reads how far off the float32 of the reference was', () => {
    const fixture = contrastive({ noise: { x: 2e-4, y: Infinity } });
    expect(['x', 'y', 'z'].map((name) => fixture.noise(name))).toEqual([2e-4, 0, 0]);
  });

  it('lets ours be off by twice that, not more', async () => {
    const [x, y] = [Math.SQRT1_2, Math.fround(Math.SQRT1_2)];
    const noisy = (noise: number): Fixture =>
      new Fixture({
        name: 'noisy',
        component: 'PositionalEmbedding',
        config: { num_embeddings: 1, embed_dim: 2 },
        f32_vs_f64_relerr: { 'outputs.out': noise },
        tensors: {
          'weights.embed': { shape: [1, 2], f32: f32(0, 0) },
          'inputs.x': { shape: [1, 1, 2], f32: f32(x, y) },
          'cotangents.out': { shape: [1, 1, 2], f32: f32(0, 0) },
          'outputs.out': { shape: [1, 1, 2], f32: f32(x, y * (1 + 5e-5)) },
        },
      });
    expect(await runFixture(noisy(1e-5), context)).toMatchObject({ status: 'failed' });
    expect(await runFixture(noisy(3e-5), context)).toMatchObject({ status: 'passed' });
  });

  it('needs the draws of each step and of each batch of validation', async () => {
    const json = (): FixtureJson => JSON.parse(readFileSync(TRAIN5, 'utf8')) as FixtureJson;
    const without = (name: string): FixtureJson => {
      const { [name]: left, ...tensors } = json().tensors!;
      expect(left).toBeDefined();
      return { ...json(), tensors };
    };
    const missing = /4 values of init_idx were drawn, 0 recorded/;
    expect(lineOf(await runFixture(new Fixture(without('inputs.init_idx.3')), context))).toMatch(missing);
    expect(lineOf(await runFixture(new Fixture(without('inputs.val_init_idx.1')), context))).toMatch(missing);

    const { tensors, ...rest } = json();
    const swapped = { ...tensors, 'inputs.init_idx.3': tensors!['inputs.init_idx.2']! };
    expect(await runFixture(new Fixture({ ...rest, tensors: swapped }), context)).toMatchObject({ status: 'failed' });
  });

  it('refuses a tensor whose values do not fit its shape', () => {
    const json = { name: 'x', component: 'y', tensors: { 'inputs.x': { shape: [3], f32: f32(1, 2) } } };
    expect(() => new Fixture(json)).toThrow("Tensor 'inputs.x' [3] has 2 values.");
  });
});

describe('reading a fixture', () => {
  const folder = mkdtempSync(join(tmpdir(), 'osc-parity-'));
  const write = (text: string): string => {
    const file = join(folder, 'x.json');
    writeFileSync(file, text);
    return file;
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  it("takes Python's numbers that are not finite, and leaves text as it is", () => {
    const text = '{"name": "x", "component": "a, NaN", "scalars": {"a": NaN, "b": [1, -Infinity], "c": Infinity}}';
    const fixture = Fixture.read(write(text))!;
    expect(fixture.component).toBe('a, NaN');
    expect(fixture.scalars).toEqual({ a: null, b: [1, -Infinity], c: Infinity });
  });

  it('knows what is no fixture from what is broken', () => {
    expect(Fixture.read(write('["a list"]'))).toBeNull();
    expect(Fixture.read(write('null'))).toBeNull();
    expect(() => Fixture.read(write('{"name": "x", '))).toThrow(SyntaxError);
  });
});

describe('comparisons', () => {
  it('are relative to the largest expected value or the floor', () => {
    expect(relative('x', [1, 10.1], [1, 10], 0).error).toBeCloseTo(0.01);
    expect(relative('x', [0.1], [0], 0, 100).error).toBeCloseTo(0.001);
    expect(relative('x', [0.1], [0], 0).error).toBeCloseTo(0.1);
  });

  it('do not let NaN pass for a number', () => {
    expect(holds(absolute('x', [NaN], [1], 1))).toBe(false);
    expect(holds(relative('x', [1], [NaN], 1))).toBe(false);
    expect(holds(relative('x', [NaN, 1], [NaN, 1], 0))).toBe(true);
    expect(exact('x', [0, NaN], [-0, NaN]).error).toBe(0);
  });

  it('refuse another number of values', () => {
    expect(() => absolute('x', [1], [1, 2], 1)).toThrow('1 values instead of 2.');
  });

  it('show the one that is worst for its tolerance', () => {
    const checks = [
      { what: 'a', error: 0.5, tolerance: 1 },
      { what: 'b', error: 1e-3, tolerance: 1e-4 },
      { what: 'c', error: 0, tolerance: 0 },
    ];
    expect(worstOf(checks)?.what).toBe('b');
  });
});
