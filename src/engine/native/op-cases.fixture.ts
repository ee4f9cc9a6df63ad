/** Random calls of the fused ops that have gradients. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { crossAttention, crossEntropy, gelu, gruCell, l2Normalize, layerNorm } from '../../sdk/ops';
import { linear, normLinear, residualMlp, selfAttention, softmax } from '../../sdk/ops';
import { normals, type Op, type Values } from './engines.fixture';

/** Sizes around those of vectors and tiles, and in between. */
export const size = fc.integer({ min: 1, max: 70 });
const few = fc.integer({ min: 1, max: 5 });
export const seed = fc.nat(1e6);

export interface Case {
  readonly op: Op;
  readonly inputs: readonly Values[];
}

type T1 = tf.Tensor1D;
type T2 = tf.Tensor2D;
type T3 = tf.Tensor3D;

const linearCase = fc.record({ seed, batch: few, rows: size, width: size, out: size }).chain((sizes) =>
  fc.record({ bias: fc.boolean(), residual: fc.boolean() }).map(({ bias, residual }): Case => {
    const draw = normals(sizes.seed);
    const inputs = [draw([sizes.batch, sizes.rows, sizes.width]), draw([sizes.out, sizes.width])];
    if (bias) inputs.push(draw([sizes.out]));
    if (residual) inputs.push(draw([sizes.batch, sizes.rows, sizes.out]));
    const op = (x: tf.Tensor, weight: tf.Tensor, ...rest: tf.Tensor[]): tf.Tensor =>
      linear(x, weight as T2, bias ? (rest[0] as T1) : null, residual ? rest[rest.length - 1] : null);
    return { op: op as Op, inputs };
  }),
);

const normLinearCase = fc
  .record({ seed, rows: size, width: fc.integer({ min: 2, max: 70 }), out: size, bias: fc.boolean() })
  .map((sizes): Case => {
    const draw = normals(sizes.seed);
    const { rows, width, out, bias } = sizes;
    const inputs = [draw([rows, width]), draw([width]), draw([width]), draw([out, width])];
    if (bias) inputs.push(draw([out]));
    const op = (x: tf.Tensor, gamma: T1, beta: T1, weight: T2, b?: T1): tf.Tensor =>
      normLinear(x, { gamma, beta, epsilon: 1e-3 }, weight, b ?? null);
    return { op: op as Op, inputs };
  });

const mlpCase = (activation: 'gelu' | 'relu') =>
  fc.record({ seed, batch: few, rows: size, width: fc.integer({ min: 2, max: 70 }), hidden: size }).map((s): Case => {
    const draw = normals(s.seed);
    const bias1 = draw([s.hidden]);
    // far from the kink of relu, where rounding decides the gradient
    if (activation === 'relu') bias1.data.forEach((value, i) => (bias1.data[i] = value < 0 ? -20 : 20));
    const inputs = [
      ...[draw([s.batch, s.rows, s.width]), draw([s.width], 0.5), draw([s.width], 0.5)],
      ...[draw([s.hidden, s.width], 0.3), bias1, draw([s.width, s.hidden], 0.3), draw([s.width])],
    ];
    const op = (x: tf.Tensor, gamma: T1, beta: T1, weight1: T2, bias1: T1, weight2: T2, bias2: T1): tf.Tensor =>
      residualMlp(x, { gamma, beta, epsilon: 1e-3 }, { weight1, bias1, weight2, bias2 }, activation);
    return { op: op as Op, inputs };
  });

const softmaxCase = fc
  .record({ seed, shape: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }), axis: fc.nat() })
  .map((s): Case => {
    const axis = (s.axis % (2 * s.shape.length)) - s.shape.length; // by either name
    return { op: (x) => softmax(x, axis), inputs: [normals(s.seed)(s.shape, 3)] };
  });

const layerNormCase = fc
  .record({ seed, batch: few, rows: size, width: fc.integer({ min: 2, max: 70 }) })
  .map((s): Case => {
    const draw = normals(s.seed);
    const op = (x: tf.Tensor, gamma: T1, beta: T1): tf.Tensor => layerNorm(x, gamma, beta, 1e-3);
    return { op: op as Op, inputs: [draw([s.batch, s.rows, s.width]), draw([s.width]), draw([s.width])] };
  });

const geluCase = fc
  .record({ seed, rows: size, width: size, scale: fc.constantFrom(0.01, 1, 5) })
  .map((s): Case => ({ op: gelu, inputs: [normals(s.seed)([s.rows, s.width], s.scale)] }));

/** Of attention: its composed form on the `cpu` backend is slow, so no more than tell samples and heads apart. */
const couple = fc.integer({ min: 1, max: 3 });
const attentionSizes = fc.record({
  ...{ seed, batch: couple, heads: couple, depth: fc.integer({ min: 1, max: 20 }), rows: size, columns: size },
  scale: fc.constantFrom(1, 0.25, 0.7071, -0.5, 2),
});

const selfAttentionCase = attentionSizes.map(({ seed, batch, heads, depth, rows, scale }): Case => {
  const op = (qkv: tf.Tensor): tf.Tensor => selfAttention(qkv as T3, { heads, scale });
  return { op, inputs: [normals(seed)([batch, rows, 3 * heads * depth])] };
});

const crossAttentionCase = attentionSizes.map(({ seed, batch, heads, depth, rows, columns, scale }): Case => {
  const draw = normals(seed);
  const op = (q: tf.Tensor, kv: tf.Tensor): tf.Tensor => crossAttention(q as T3, kv as T3, { heads, scale });
  const width = heads * depth;
  return { op: op as Op, inputs: [draw([batch, rows, width]), draw([batch, columns, 2 * width])] };
});

const gruCase = fc.record({ seed, rows: size, width: size, from: size }).map((s): Case => {
  const draw = normals(s.seed);
  const [gates, small] = [3 * s.width, 0.3];
  const inputs = [
    ...[draw([s.rows, s.from]), draw([s.rows, s.width]), draw([gates, s.from], small), draw([gates, s.width], small)],
    ...[draw([gates]), draw([gates])],
  ];
  const op = (x: T2, hidden: T2, weightIh: T2, weightHh: T2, biasIh: T1, biasHh: T1): tf.Tensor =>
    gruCell(x, hidden, { weightIh, weightHh, biasIh, biasHh });
  return { op: op as unknown as Op, inputs };
});

const l2NormalizeCase = fc
  .record({ seed, batch: few, rows: size, width: size, scale: fc.constantFrom(0.5, 1, 30) })
  .map((s): Case => ({ op: (x) => l2Normalize(x), inputs: [normals(s.seed)([s.batch, s.rows, s.width], s.scale)] }));

const crossEntropyCase = fc
  .record({
    seed,
    rows: size,
    classes: fc.integer({ min: 2, max: 70 }),
    reduction: fc.constantFrom('mean', 'sum', 'none'),
  })
  .map(({ seed, rows, classes, reduction }): Case => {
    const targets = Int32Array.from({ length: rows }, (_, i) => (i * 7919 + seed) % classes);
    const op = (logits: tf.Tensor): tf.Tensor =>
      crossEntropy(logits as T2, tf.tensor1d(targets, 'int32'), reduction as 'mean');
    return { op, inputs: [normals(seed)([rows, classes], 3)] };
  });

export const DIFFERENTIABLE: readonly (readonly [string, fc.Arbitrary<Case>])[] = [
  ['linear', linearCase],
  ['normLinear', normLinearCase],
  ['residualMlp, gelu', mlpCase('gelu')],
  ['residualMlp, relu', mlpCase('relu')],
  ['layerNorm', layerNormCase],
  ['gelu', geluCase],
  ['softmax', softmaxCase],
  ['selfAttention', selfAttentionCase],
  ['crossAttention', crossAttentionCase],
  ['gruCell', gruCase],
  ['l2Normalize', l2NormalizeCase],
  ['crossEntropy', crossEntropyCase],
];
