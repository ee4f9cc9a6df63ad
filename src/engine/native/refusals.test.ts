/** Tensors that do not fit an op of ours are refused, also where there are as many numbers in them as there should be. */
import * as tf from '@tensorflow/tfjs-core';
import { adamWUpdate, crossAttention, crossEntropy, gruCell, layerNorm, selfAttention } from '../../sdk/ops';
import { linear, residualMlp, runKMeans } from '../../sdk/ops';
import { runOp } from '../../sdk/ops/internal';
import { VARIANTS } from './engines.fixture';

type T1 = tf.Tensor1D;
type T2 = tf.Tensor2D;
type T3 = tf.Tensor3D;
const ones = <T extends tf.Tensor>(...shape: number[]): T => tf.ones(shape) as unknown as T;
const ints = <T extends tf.Tensor>(...shape: number[]): T => tf.ones(shape, 'int32') as unknown as T;

const norm = () => ({ gamma: ones<T1>(4), beta: ones<T1>(4) });
const mlp = () => ({ weight1: ones<T2>(6, 4), bias1: ones<T1>(6), weight2: ones<T2>(4, 6), bias2: ones<T1>(4) });
const state = () => ({ parameter: ones(2, 3), mean: ones(2, 3), meanSquare: ones(2, 3) });
const numbers = { beta1: 0.9, rest1: 0.1, beta2: 0.9, rest2: 0.1, rootScale: 1, epsilon: 1, decay: 1, rate: 1 };
const kMeans = { cosine: false, maxIterations: 3, tolerance: 0.1 };
const composed = (): never => {
  throw new Error('The engine has a kernel.');
};

const CALLS: readonly (readonly [message: string, call: () => unknown])[] = [
  ['linear: weight must have shape [5, 3], not [5, 4].', () => linear(ones(2, 3), ones(5, 4), null)],
  ['linear: weight must have shape [out, 4], not [20].', () => linear(ones(2, 4), ones(20), null)],
  ['linear: bias must have shape [5], not [4].', () => linear(ones(2, 4), ones<T2>(5, 4), ones<T1>(4))],
  [
    'linear: residual must have shape [2, 3, 5], not [3, 2, 5].',
    () => linear(ones(2, 3, 4), ones(5, 4), null, ones(3, 2, 5)),
  ],
  ['linear: x must be float32, not int32 [2, 4].', () => linear(ints(2, 4), ones(5, 4), null)],
  [
    'mlp: weight2 must have shape [4, 6], not [6, 4].',
    () => residualMlp(ones(3, 4), norm(), { ...mlp(), weight2: ones(6, 4) }, 'relu'),
  ],
  ['layerNorm: gamma must have shape [4], not [2, 2].', () => layerNorm(ones(3, 4), ones<T1>(2, 2), ones<T1>(4))],
  [
    'selfAttention: qkv must have shape [batch, rows, 6 * depth], not [6, 12].',
    () => selfAttention(ones(6, 12), { heads: 2, scale: 1 }),
  ],
  [
    'selfAttention: qkv must have shape [2, 3, 9 * depth], not [2, 3, 12].',
    () => selfAttention(ones(2, 3, 12), { heads: 3, scale: 1 }),
  ],
  [
    'crossAttention: kv must have shape [2, columns, 8], not [1, 5, 16].',
    () => crossAttention(ones<T3>(2, 3, 4), ones<T3>(1, 5, 16), { heads: 2, scale: 1 }),
  ],
  [
    'gruGates: fromHidden must have shape [2, 12], not [12, 2].',
    () => runOp('OscGruGates', { fromInput: ones(2, 12), fromHidden: ones(12, 2), hidden: ones(2, 4) }, {}, composed),
  ],
  [
    'linear: weight must have shape [12, 5], not [12, 4].',
    () =>
      gruCell(ones(2, 3), ones(2, 5), {
        weightIh: ones(12, 3),
        weightHh: ones(12, 4),
        biasIh: ones(12),
        biasHh: ones(12),
      }),
  ],
  ['crossEntropy: targets must have shape [3], not [4].', () => crossEntropy(ones(3, 4), ints(4))],
  ['crossEntropy: targets must be int32, not float32 [3].', () => crossEntropy(ones(3, 4), ones(3))],
  ['crossEntropy: targets must be classes, from 0.', () => crossEntropy(ones(3, 4), tf.tensor1d([0, 4, 1], 'int32'))],
  ['adamW: gradient must have shape [2, 3], not [3, 2].', () => adamWUpdate(state(), ones(3, 2), numbers)],
  [
    'kMeans: start must have shape [2, 4, 4], not [2, 4, 3].',
    () => runKMeans(ones(2, 5, 4), ones<T3>(2, 4, 3), kMeans, composed),
  ],
];

describe.each(VARIANTS.filter(({ name }) => /BASE|simd/.test(name)).map((variant) => [variant.name, variant] as const))(
  '%s',
  (_, variant) => {
    beforeAll(() => variant.use(1));

    test.each(CALLS)('%s', (message, call) => {
      expect(() => tf.tidy(() => void call())).toThrow(expect.objectContaining({ name: 'TypeError', message }));
    });
  },
);
