/** Every kernel of ours that stands in for one of the `cpu` backend, against that one. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { backendOf, CHECKS, expectClose, NAMED_VARIANTS, VARIANTS } from './engines.fixture';
import { kernels } from './kernels';

const SPECIAL = [NaN, Infinity, -Infinity, 0];
const side = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 21 }) },
);
const shape = (minLength = 0, maxLength = 4) => fc.array(side, { minLength, maxLength });
const value = (special: boolean) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: -4000, max: 4000 }).map((n) => n / 1000) },
    { weight: special ? 1 : 0, arbitrary: fc.constantFrom(...SPECIAL) },
  );

interface Input {
  readonly shape: number[];
  readonly data: number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
}

const dtypes = fc.oneof(
  { weight: 5, arbitrary: fc.constant('float32' as const) },
  { weight: 1, arbitrary: fc.constantFrom('int32' as const, 'bool' as const) },
);
/** Values of a shape; of long ones a few are drawn, and repeated with a stride that meets no vector. */
const inputOf = (shape: number[], dtype: Input['dtype'] = 'float32', special = true): fc.Arbitrary<Input> =>
  fc.array(value(special && dtype === 'float32'), { minLength: 37, maxLength: 37 }).map((drawn) => ({
    shape,
    dtype,
    data: Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => {
      const v = drawn[(i * 5) % 37]!;
      return dtype === 'float32' ? v : dtype === 'bool' ? Number(v > 0) : Math.round(v);
    }),
  }));
const anyInput = (minLength = 0, maxLength = 4, dtype: fc.Arbitrary<Input['dtype']> = fc.constant('float32')) =>
  fc.tuple(shape(minLength, maxLength), dtype).chain(([s, d]) => inputOf(s, d));

/** One call of a kernel, or of the op around it. */
interface Case {
  readonly inputs: Input[];
  run(...inputs: tf.Tensor[]): tf.Tensor | tf.Tensor[];
}

interface Outcome {
  readonly shape: number[];
  readonly dtype: string;
  readonly values: ArrayLike<number>;
}

function outcomes({ inputs, run }: Case): Outcome[] {
  const results: Outcome[] = [];
  tf.tidy(() => {
    const made = run(...inputs.map(({ data, shape, dtype }) => tf.tensor(data, shape, dtype)));
    for (const x of [made].flat()) results.push({ shape: x.shape, dtype: x.dtype, values: x.dataSync() });
  });
  return results;
}

async function expectAsOnCpu(drawn: Case, tolerance = 2e-6): Promise<void> {
  await tf.setBackend('cpu');
  const expected = outcomes(drawn);
  for (const variant of VARIANTS) {
    await variant.use(2);
    const actual = outcomes(drawn);
    const shapes = (all: Outcome[]) => all.map((x) => `${x.dtype} [${x.shape.join()}]`);
    expect(shapes(actual)).toEqual(shapes(expected));
    const what = `${variant.name}, ${drawn.inputs.map((x) => `${x.dtype} [${x.shape.join()}]`).join(' ')}`;
    actual.forEach(({ values }, i) => expectClose(values, expected[i]!.values, tolerance, what));
    expect(backendOf().heap.stats.used).toBe(0);
  }
}

const unary = (run: (x: tf.Tensor) => tf.Tensor, dtype = dtypes): fc.Arbitrary<Case> =>
  anyInput(0, 4, dtype).map((input) => ({ inputs: [input], run }));

/** Two shapes that broadcast to one. */
const broadcast = shape().chain((whole) =>
  fc
    .tuple(...[0, 1].map(() => fc.tuple(fc.nat(whole.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))))
    .map(
      (cuts) => cuts.map(([drop, ones]) => whole.map((n, i) => (ones[i] ? 1 : n)).slice(drop)) as [number[], number[]],
    ),
);
const binary = (run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, dtype = dtypes): fc.Arbitrary<Case> =>
  fc
    .tuple(broadcast, dtype)
    .chain(([[a, b], type]) => fc.tuple(inputOf(a, type), inputOf(b, type)))
    .map((inputs) => ({ inputs, run: run as Case['run'] }));

/** An input, and some of its axes, by either name. */
const withAxes = anyInput(1, 4).chain((input) =>
  fc
    .tuple(fc.subarray([...input.shape.keys()], { minLength: 1 }), fc.boolean(), fc.boolean())
    .map(([axes, negative, keep]) => ({ input, axes: axes.map((a) => (negative ? a - input.shape.length : a)), keep })),
);
const reduction = (run: (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor): fc.Arbitrary<Case> =>
  withAxes
    // the cpu backend reads past the end of an empty axis
    .filter(({ input }) => !input.shape.includes(0))
    .map(({ input, axes, keep }) => ({ inputs: [input], run: (x) => run(x!, axes, keep) }));

const withAxis = (dtype = dtypes) =>
  anyInput(1, 4, dtype).chain((input) =>
    fc.integer({ min: -input.shape.length, max: input.shape.length - 1 }).map((axis) => ({ input, axis })),
  );
const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The cpu backend has the last axis only. */
function softmax(x: tf.Tensor, axis: number): tf.Tensor {
  if (tf.getBackend() !== 'cpu')
    return tf.engine().runKernel('Softmax', { logits: x }, { dim: axis }) as unknown as tf.Tensor;
  const perm = [...x.shape.keys()];
  [perm[axis], perm[perm.length - 1]] = [perm[perm.length - 1]!, perm[axis]!];
  return tf.transpose(tf.softmax(tf.transpose(x, perm)), perm);
}

const matmul = fc
  .record({ outer: shape(0, 2), m: side, n: side, k: side, ta: fc.boolean(), tb: fc.boolean(), left: fc.boolean() })
  .chain(({ outer, m, n, k, ta, tb, left }) => {
    const a = ta ? [k, m] : [m, k];
    const b = tb ? [n, k] : [k, n];
    // `cpu` makes one product of 1 and 0 of them
    const leftOuter = left && !outer.includes(0) ? outer.map(() => 1) : outer;
    return fc
      .tuple(inputOf([...leftOuter, ...a], 'float32', false), inputOf([...outer, ...b], 'float32', false))
      .map((inputs): Case => ({ inputs, run: (x, y) => tf.matMul(x!, y!, ta, tb) }));
  });

const CASES: Record<string, fc.Arbitrary<Case>> = {
  ...Object.fromEntries(
    (['exp', 'log', 'tanh', 'sigmoid', 'sqrt', 'rsqrt', 'reciprocal', 'erf'] as const).map((name) => [
      name,
      unary((x) => tf[name](x), fc.constant('float32')),
    ]),
  ),
  ...Object.fromEntries(
    (['relu', 'square', 'neg', 'abs', 'clone'] as const).map((name) => [name, unary((x) => tf[name](x))]),
  ),
  step: unary((x) => tf.step(x, 0.25), fc.constant('float32')),
  onesLike: unary((x) => tf.onesLike(x)),
  zerosLike: unary((x) => tf.zerosLike(x)),
  cast: fc
    .tuple(anyInput(0, 3, dtypes), fc.constantFrom('float32' as const, 'int32' as const, 'bool' as const))
    .map(([input, to]) => ({
      inputs: [input],
      run: (x) => tf.mul(tf.cast(x!, to), tf.cast(1, to === 'bool' ? 'int32' : to)),
    })),
  ...Object.fromEntries(
    (['add', 'sub', 'mul', 'maximum', 'minimum', 'squaredDifference'] as const).map((name) => [
      name,
      binary((a, b) => tf[name](a, b)),
    ]),
  ),
  div: binary((a, b) => tf.div(a, b), fc.constant('float32')),
  addN: fc
    .tuple(shape(), fc.integer({ min: 1, max: 4 }))
    .chain(([s, n]) => fc.tuple(...Array.from({ length: n }, () => inputOf(s))))
    .map((inputs) => ({ inputs, run: (...xs) => tf.addN(xs) })),
  fill: shape().map((s) => ({ inputs: [], run: () => [tf.fill(s, 2.5), tf.fill(s, NaN), tf.fill(s, 3, 'int32')] })),
  reshape: unary((x) => tf.reshape(x, [x.size, 1])),
  sum: reduction((x, axes, keep) => tf.sum(x, axes, keep)),
  mean: reduction((x, axes, keep) => tf.mean(x, axes, keep)),
  max: reduction((x, axes, keep) => tf.max(x, axes, keep)),
  min: reduction((x, axes, keep) => tf.min(x, axes, keep)),
  softmax: withAxis(fc.constant('float32')).map(({ input, axis }) => ({
    inputs: [input],
    run: (x) => softmax(x!, positive(axis, input.shape.length)),
  })),
  matMul: matmul,
  transpose: anyInput(1, 4, dtypes).chain((input) =>
    fc
      .shuffledSubarray([...input.shape.keys()], { minLength: input.shape.length })
      .map((perm) => ({ inputs: [input], run: (x) => tf.transpose(x!, perm) })),
  ),
  slice: anyInput(1, 4, dtypes).chain((input) =>
    fc
      .tuple(
        ...input.shape.map((n) =>
          fc.nat(n).chain((from) => fc.tuple(fc.constant(from), fc.integer({ min: -1, max: n - from }))),
        ),
      )
      .map((cut) => ({
        inputs: [input],
        run: (x) =>
          tf.slice(
            x!,
            cut.map(([b]) => b),
            cut.map(([, s]) => s),
          ),
      })),
  ),
  split: withAxis().chain(({ input, axis }) =>
    fc.nat(input.shape[positive(axis, input.shape.length)]!).map((first) => ({
      inputs: [input],
      run: (x) => tf.split(x!, [first, input.shape[positive(axis, input.shape.length)]! - first], axis),
    })),
  ),
  unstack: withAxis()
    .filter(({ input, axis }) => input.shape[positive(axis, input.shape.length)]! > 0)
    .map(({ input, axis }) => ({ inputs: [input], run: (x) => tf.unstack(x!, axis) })),
  concat: withAxis().chain(({ input, axis }) =>
    side.chain((n) => {
      const other = input.shape.map((length, i) => (i === positive(axis, input.shape.length) ? n : length));
      return inputOf(other, input.dtype).map((second) => ({
        inputs: [input, second],
        run: (...xs) => tf.concat(xs, axis),
      }));
    }),
  ),
  stack: withAxis().map(({ input, axis }) => ({ inputs: [input, input], run: (...xs) => tf.stack(xs, axis) })),
  tile: anyInput(1, 3, dtypes).chain((input) =>
    fc
      .tuple(...input.shape.map(() => fc.integer({ min: 1, max: 3 })))
      .map((reps) => ({ inputs: [input], run: (x) => tf.tile(x!, reps) })),
  ),
  broadcastTo: anyInput(1, 3, dtypes).map((input) => ({
    inputs: [{ ...input, shape: [...input.shape] }],
    run: (x) => tf.broadcastTo(x!, [3, ...x!.shape]),
  })),
  pad: anyInput(1, 4, dtypes).chain((input) =>
    fc
      .tuple(...input.shape.map(() => fc.tuple(fc.nat(3), fc.nat(3))))
      .map((paddings) => ({ inputs: [input], run: (x) => tf.pad(x!, paddings, 2) })),
  ),
};

beforeAll(() => {
  tf.enableProdMode();
});

test.each(Object.entries(CASES))('%s is as on cpu', async (name, cases) => {
  const tolerance = ['matMul', 'sum', 'mean'].includes(name) ? 1e-5 : 2e-6;
  await fc.assert(
    fc.asyncProperty(cases, (drawn) => expectAsOnCpu(drawn, tolerance)),
    CHECKS,
  );
});

describe.each(NAMED_VARIANTS.slice(0, 1))('%s', (_, variant) => {
  beforeAll(() => variant.use(2));

  test('has every kernel that cpu has, and ours', () => {
    const names = tf.getKernelsForBackend(variant.backendName).map(({ kernelName }) => kernelName);
    const onCpu = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);
    expect(onCpu.length).toBeGreaterThan(150);
    expect(new Set(names)).toEqual(new Set([...onCpu, ...Object.keys(kernels)]));
  });

  test('what a reader was given does not change', () => {
    const x = tf.add(tf.ones([100]), 1);
    const read = x.dataSync();
    x.dispose();
    const over = tf.tidy(() => [tf.fill([100], 9), tf.fill([100], 8)]);
    expect([...read]).toEqual(Array(100).fill(2));
    tf.dispose(over);
  });

  test('what a fallback kernel was given, or made, does not change', () => {
    const x = tf.add(tf.ones([10, 10]), 1);
    // the cpu kernel of ExpandDims hands its input on; that of Sin does not
    const [expanded, sine] = [tf.expandDims(x, 0), tf.sin(x)];
    const complex = tf.complex(x, x);
    x.dispose();
    const over = tf.tidy(() => [tf.fill([100], 9), tf.fill([100], 8)]);
    expect([...expanded.dataSync()]).toEqual(Array(100).fill(2));
    expect(sine.dataSync()[0]).toBeCloseTo(Math.sin(2));
    expect([...tf.real(complex).dataSync()]).toEqual(Array(100).fill(2));
    tf.dispose([expanded, sine, complex, over]);
  });

  test('tidy, keep, clones, variables: the heap is as before', () => {
    const before = { ...backendOf().heap.stats, tensors: tf.memory().numTensors };
    let kept: tf.Tensor | undefined;
    tf.tidy(() => {
      const x = tf.add(tf.ones([7, 9]), 1);
      kept = tf.keep(tf.mul(x, 3));
      const variable = tf.variable(tf.clone(x));
      variable.assign(tf.mul(variable, 2));
      variable.assign(tf.sin(variable) as tf.Tensor<tf.Rank.R2>);
      const view = tf.reshape(kept, [63]);
      expect(tf.sum(view).dataSync()[0]).toBe(63 * 6);
      variable.dispose();
    });
    expect(kept!.dataSync()[62]).toBe(6);
    kept!.dispose();
    expect({ ...backendOf().heap.stats, tensors: tf.memory().numTensors }).toEqual({
      ...before,
      reserved: expect.any(Number) as number,
    });
  });

  test('a reshape of a complex tensor', () => {
    const x = tf.reshape(tf.complex(tf.ones([6]), tf.zeros([6])), [2, 3]);
    expect(tf.real(x).shape).toEqual([2, 3]);
    expect([...tf.real(x).dataSync()]).toEqual(Array(6).fill(1));
    x.dispose();
  });
});
