import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource } from 'osc-trainer/sdk';
import { meanLoss, ProbeImages, type ProbeData, type ProbeParameters } from './index';

const [N, S, C, V] = [7, 3, 4, 5];
const random = new RandomSource(11);
const normals = (purpose: string, length: number): Float32Array => random.stream(purpose).normals(length);

function data({ slots = S, features = normals('features', N * slots * C) } = {}): ProbeData {
  const draws = random.stream('answers').uniforms(N * V);
  const answers = Uint8Array.from(draws, (u) => (u < 0.3 ? 1 : 0));
  return { features, shape: slots === 1 ? [C] : [slots, C], answers, numQuestions: V };
}

const parameters = (): ProbeParameters => ({ weight: normals('weight', C * V), bias: normals('bias', V) });

/** The same by the tape of tfjs. */
function composed({ features, shape, answers }: ProbeData, { weight, bias }: ProbeParameters, posWeight: number) {
  const slots = shape.length === 1 ? 1 : shape[0]!;
  const loss = (w: tf.Tensor2D, b: tf.Tensor1D): tf.Scalar => {
    const layer = tf.add(tf.matMul(tf.tensor2d(features, [N * slots, C]), w), b);
    const logits = tf.max(tf.reshape(layer, [N, slots, V]), 1);
    const y = tf.reshape(tf.cast(tf.tensor1d([...answers], 'int32'), 'float32'), [N, V]);
    const of = tf.add(
      tf.mul(tf.mul(y, posWeight), tf.softplus(tf.neg(logits))),
      tf.mul(tf.sub(1, y), tf.softplus(logits)),
    );
    return tf.mean(of);
  };
  const { value, grads } = tf.valueAndGrads(loss as (...inputs: tf.Tensor[]) => tf.Tensor)([
    tf.tensor2d(weight, [C, V]),
    tf.tensor1d(bias),
  ]);
  return { loss: value.dataSync()[0]!, weight: grads[0]!.dataSync(), bias: grads[1]!.dataSync() };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(2e-6);
}

beforeAll(() => tf.setBackend('cpu'));

test.each([
  ['slots', S],
  ['a global representation', 1],
])('loss and gradient of %s are those of the tape', (_, slots) => {
  const given = data({ slots });
  const expected = composed(given, parameters(), 14);
  const images = new ProbeImages(given, 14);
  expect(meanLoss(images.logits(parameters()), given.answers, 14)).toBeCloseTo(expected.loss, 5);
  const { weight, bias } = images.gradient(parameters());
  expectClose(weight, expected.weight);
  expectClose(bias, expected.bias);
});

test('the size of a chunk changes nothing', () => {
  const whole = new ProbeImages(data(), 14);
  for (const chunkImages of [1, 2, 3, N]) {
    const cut = new ProbeImages(data(), 14, chunkImages);
    expectClose(cut.logits(parameters()), whole.logits(parameters()));
    expectClose(cut.gradient(parameters()).weight, whole.gradient(parameters()).weight);
    expectClose(cut.gradient(parameters()).bias, whole.gradient(parameters()).bias);
  }
});

test('slots that are the same share the gradient: it is that of one of them', () => {
  const one = data({ slots: 1 });
  const repeated = Float32Array.from({ length: N * S * C }, (_, i) => {
    return one.features[Math.floor(i / (S * C)) * C + (i % C)]!;
  });
  const same = new ProbeImages(data({ features: repeated }), 2).gradient(parameters());
  expectClose(same.weight, new ProbeImages(one, 2).gradient(parameters()).weight);
});

test('keeps no tensor but its own', () => {
  const before = tf.memory().numTensors;
  const images = new ProbeImages(data(), 14, 3);
  images.gradient(parameters());
  const during = tf.memory().numTensors;
  images.gradient(parameters());
  images.logits(parameters());
  expect(tf.memory().numTensors).toBe(during);
  images.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('logits far out are no infinite loss', () => {
  expect(meanLoss([1000, -1000], Uint8Array.of(1, 0), 14)).toBe(0);
  expect(meanLoss([-1000, 1000], Uint8Array.of(1, 0), 14)).toBe((14 * 1000 + 1000) / 2);
});
