import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {
  addRows,
  crossAttention,
  crossAttentionMap,
  crossEntropy,
  dropout,
  dropPath,
  gelu,
  gruCell,
  l2Normalize,
  layerNorm,
  linear,
  selfAttention,
  selfAttentionMap,
  stopGradient,
} from './index';
import { runOp } from './op-registry';
import { RandomSource } from '../random';

const random = new RandomSource(7);
let draws = 0;
const tensor = (...shape: number[]): tf.Tensor =>
  tf.tensor(random.stream('values', draws++).normals(tf.util.sizeFromShape(shape)), shape);

/** Value and every gradient of `<f(inputs), R>` for a fixed random R. */
function differentiate(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): number[][] {
  return tf.tidy(() => {
    const value = f(...inputs);
    const cotangent = tf.tensor(random.stream('cotangent').normals(value.size), value.shape);
    const gradients = tf.grads((...xs: tf.Tensor[]) => tf.sum(tf.mul(f(...xs), cotangent)))(inputs);
    return [value, ...gradients].map((x) => Array.from(x.dataSync()));
  });
}

function expectClose(actual: number[][], expected: number[][], tolerance = 2e-5): void {
  expect(actual.map((x) => x.length)).toEqual(expected.map((x) => x.length));
  actual.forEach((values, i) => {
    const largest = Math.max(1e-3, ...expected[i]!.map(Math.abs));
    values.forEach((value, j) => {
      expect(Math.abs(value - expected[i]![j]!) / largest).toBeLessThan(tolerance);
    });
  });
}

/** Attention written out head by head, one sample at a time. */
function plainAttention(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, heads: number, scale: number, mask?: tf.Tensor) {
  const split = (x: tf.Tensor): tf.Tensor[][] => {
    const samples = tf.split(x, x.shape[0]!, 0).map((s) => tf.squeeze(s, [0]));
    return samples.map((s) => tf.split(s, heads, 1));
  };
  const [qs, ks, vs] = [split(q), split(k), split(v)];
  return tf.stack(
    qs.map((sample, b) =>
      tf.concat(
        sample.map((qh, h) => {
          const p = tf.softmax(tf.mul(tf.matMul(qh as tf.Tensor2D, tf.transpose(ks[b]![h]!)), scale));
          const m = mask ? tf.squeeze(tf.slice(mask, [b, h, 0, 0], [1, 1, -1, -1]), [0, 1]) : tf.scalar(1);
          return tf.matMul(tf.mul(p, m) as tf.Tensor2D, vs[b]![h] as tf.Tensor2D);
        }),
        1,
      ),
    ),
  );
}

describe('composed, on cpu', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    await tf.ready();
  });

  test('linear', () => {
    const inputs = [tensor(2, 3, 4), tensor(5, 4), tensor(5)];
    const plain = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor =>
      tf.add(tf.sum(tf.mul(tf.expandDims(x, 2), w), -1), b);
    const ours = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor => linear(x, w as tf.Tensor2D, b as tf.Tensor1D);
    expectClose(differentiate(ours as never, inputs), differentiate(plain as never, inputs));
    const noBias = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => linear(x, w as tf.Tensor2D, null);
    const zero = tf.zeros([5]);
    expectClose(
      differentiate(noBias as never, inputs.slice(0, 2)),
      differentiate(((x: tf.Tensor, w: tf.Tensor) => plain(x, w, zero)) as never, inputs.slice(0, 2)),
    );
  });

  test('addRows', () => {
    const inputs = [tensor(2, 3, 4), tensor(3, 4)];
    expectClose(differentiate(addRows as never, inputs), differentiate(tf.add as never, inputs));
  });

  test('layerNorm', () => {
    const plain = (x: tf.Tensor, g: tf.Tensor, b: tf.Tensor): tf.Tensor => {
      const { mean, variance } = tf.moments(x, -1, true);
      return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), g), b);
    };
    const inputs = [tensor(2, 3, 8), tensor(8), tensor(8)];
    expectClose(differentiate(layerNorm as never, inputs), differentiate(plain as never, inputs));
  });

  test('gelu', () => {
    const plain = (x: tf.Tensor): tf.Tensor => tf.mul(x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5));
    const inputs = [tensor(4, 5)];
    expectClose(differentiate(gelu as never, inputs), differentiate(plain as never, inputs));
    // far out the tails vanish without NaN
    const tails = differentiate(gelu as never, [tf.tensor1d([-60, -20, 20, 60])]);
    expect(tails[0]).toEqual([expect.closeTo(0), expect.closeTo(0), 20, 60]);
    expect(tails[1]!.every(Number.isFinite)).toBe(true);
  });

  test.each([false, true])('self-attention, dropout of the matrix: %s', (dropped) => {
    const mask = dropped ? tf.tensor([0, 2, 2, 0, 2, 0, 2, 2, 2].concat(Array(27).fill(2)), [2, 2, 3, 3]) : null;
    const ours = (qkv: tf.Tensor): tf.Tensor =>
      selfAttention(qkv as tf.Tensor3D, { heads: 2, scale: 0.7, dropout: mask as tf.Tensor4D | null });
    const plain = (qkv: tf.Tensor): tf.Tensor => {
      const [q, k, v] = tf.split(qkv, 3, -1);
      return plainAttention(q!, k!, v!, 2, 0.7, mask ?? undefined);
    };
    const inputs = [tensor(2, 3, 12)];
    expectClose(differentiate(ours as never, inputs), differentiate(plain as never, inputs));
  });

  test('cross-attention and its map', () => {
    const options = { heads: 2, scale: 0.5 };
    const ours = (q: tf.Tensor, kv: tf.Tensor): tf.Tensor =>
      crossAttention(q as tf.Tensor3D, kv as tf.Tensor3D, options);
    const plain = (q: tf.Tensor, kv: tf.Tensor): tf.Tensor => {
      const [k, v] = tf.split(kv, 2, -1);
      return plainAttention(q, k!, v!, 2, 0.5);
    };
    const inputs = [tensor(2, 3, 4), tensor(2, 5, 8)];
    expectClose(differentiate(ours as never, inputs), differentiate(plain as never, inputs));

    const map = crossAttentionMap(inputs[0] as tf.Tensor3D, inputs[1] as tf.Tensor3D, options);
    expect(map.shape).toEqual([2, 2, 3, 5]);
    const values = tf.split(tf.split(inputs[1]!, 2, -1)[1]!, 2, -1);
    const mixed = values.map((v, h) =>
      tf.matMul(tf.squeeze(tf.slice(map, [0, h, 0, 0], [-1, 1, -1, -1]), [1]), v as tf.Tensor3D),
    );
    expectClose([Array.from(tf.concat(mixed, -1).dataSync())], [Array.from(ours(inputs[0]!, inputs[1]!).dataSync())]);
    expect(selfAttentionMap(tensor(2, 3, 12) as tf.Tensor3D, options).shape).toEqual([2, 2, 3, 3]);
  });

  test('gruCell', () => {
    const inputs = [tensor(3, 4), tensor(3, 5), tensor(15, 4), tensor(15, 5), tensor(15), tensor(15)];
    type Inputs = [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.Tensor1D];
    const ours = (...[u, h, weightIh, weightHh, biasIh, biasHh]: Inputs): tf.Tensor =>
      gruCell(u, h, { weightIh, weightHh, biasIh, biasHh });
    const plain = (...[u, h, wi, wh, bi, bh]: Inputs): tf.Tensor => {
      const gi = tf.split(tf.add(tf.matMul(u, tf.transpose(wi)), bi), 3, 1);
      const gh = tf.split(tf.add(tf.matMul(h, tf.transpose(wh)), bh), 3, 1);
      const r = tf.sigmoid(tf.add(gi[0]!, gh[0]!));
      const z = tf.sigmoid(tf.add(gi[1]!, gh[1]!));
      const n = tf.tanh(tf.add(gi[2]!, tf.mul(r, gh[2]!)));
      return tf.add(tf.mul(tf.sub(1, z), n), tf.mul(z, h));
    };
    expectClose(differentiate(ours as never, inputs), differentiate(plain as never, inputs));
  });

  test('l2Normalize; a zero vector stays zero with a finite gradient', () => {
    const plain = (x: tf.Tensor): tf.Tensor => tf.div(x, tf.sqrt(tf.sum(tf.square(x), -1, true)));
    const inputs = [tensor(2, 3, 4)];
    expectClose(differentiate(l2Normalize as never, inputs), differentiate(plain as never, inputs));
    const [value, gradient] = differentiate(l2Normalize as never, [tf.zeros([1, 3])]);
    expect(value).toEqual([0, 0, 0]);
    expect(gradient!.every(Number.isFinite)).toBe(true);
  });

  test.each(['mean', 'sum', 'none'] as const)('crossEntropy, reduction %s', (reduction) => {
    const targets = tf.tensor1d([2, 0, 4], 'int32');
    const ours = (x: tf.Tensor): tf.Tensor => crossEntropy(x as tf.Tensor2D, targets, reduction);
    const plain = (x: tf.Tensor): tf.Tensor => {
      const losses = tf.neg(tf.sum(tf.mul(tf.logSoftmax(x), tf.cast(tf.oneHot(targets, 5), 'float32')), -1));
      return reduction === 'none' ? losses : reduction === 'mean' ? tf.mean(losses) : tf.sum(losses);
    };
    const inputs = [tensor(3, 5)];
    expectClose(differentiate(ours as never, inputs), differentiate(plain as never, inputs));
  });

  test('crossEntropy leaves a class at -Infinity out', () => {
    const ours = (x: tf.Tensor): tf.Tensor => crossEntropy(x as tf.Tensor2D, tf.tensor1d([1], 'int32'));
    const [masked, gradient] = differentiate(ours as never, [tf.tensor2d([[-Infinity, 1, 2]])]);
    const [without] = differentiate(
      ((x: tf.Tensor) => crossEntropy(x as tf.Tensor2D, tf.tensor1d([0], 'int32'))) as never,
      [tf.tensor2d([[1, 2]])],
    );
    expectClose([masked!], [without!]);
    expect(gradient![0]).toBe(0);
  });

  test('stopGradient passes values and no gradient', () => {
    const f = (x: tf.Tensor): tf.Tensor => tf.add(tf.mul(2, x), tf.mul(3, stopGradient(x)));
    const [value, gradient] = differentiate(f as never, [tf.tensor1d([1])]);
    const cotangent = random.stream('cotangent').normals(1)[0]!;
    expect(value).toEqual([5]);
    expect(gradient).toEqual([expect.closeTo(2 * cotangent)]);
  });

  test('ops leave no tensor behind', () => {
    const inputs = [tensor(2, 3, 12), tensor(12), tensor(12)];
    const before = tf.memory().numTensors;
    differentiate(
      ((x: tf.Tensor3D, g: tf.Tensor1D, b: tf.Tensor1D) =>
        selfAttention(gelu(layerNorm(x, g, b)), { heads: 2, scale: 1 })) as never,
      inputs,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('dropout', () => {
  const training = { training: true, step: 3 };
  beforeAll(() => tf.setBackend('cpu'));

  test('is off in evaluation and at rate 0', () => {
    const x = tf.ones([4, 4]);
    expect(dropout(x, 0.5, { training: false, step: 3 }, random)).toBe(x);
    expect(dropout(x, 0, training, random)).toBe(x);
  });

  test('drops at its rate, keeps the mean, and is a function of seed, step and scope', () => {
    const draw = (mode: { training: boolean; step: number; scope?: string }) =>
      Array.from(dropout(tf.ones([100, 100]), 0.2, mode, random).dataSync());
    const values = draw(training);
    expect(new Set(values)).toEqual(new Set([0, 1.25]));
    expect(values.reduce((a, b) => a + b) / values.length).toBeCloseTo(1, 1);
    expect(draw(training)).toEqual(values);
    expect(draw({ ...training, step: 4 })).not.toEqual(values);
    expect(draw({ ...training, scope: 'elsewhere' })).not.toEqual(values);
  });

  test('dropPath drops whole samples', () => {
    const rows = dropPath(tf.ones<tf.Rank.R3>([64, 2, 3]), 0.5, training, random).arraySync();
    expect(rows.every((row) => new Set(row.flat()).size === 1)).toBe(true);
    expect(new Set(rows.map((row) => row[0]![0]))).toEqual(new Set([0, 2]));
  });
});

test("an engine's kernel of an op's name is used instead of the composed form", () => {
  tf.registerKernel({
    kernelName: 'OscGelu',
    backendName: 'cpu',
    kernelFunc: ({ inputs }) => tf.mul(inputs.x as tf.Tensor, 2),
  });
  const x = tf.tensor1d([1, 2]);
  const composed = (): tf.Tensor => tf.zeros([2]);
  expect(Array.from(runOp('OscGelu', { x }, {}, composed).dataSync())).toEqual([2, 4]);
  tf.unregisterKernel('OscGelu', 'cpu');
  expect(Array.from(runOp('OscGelu', { x }, {}, composed).dataSync())).toEqual([0, 0]);
});
