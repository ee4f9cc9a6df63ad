import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '../sdk'; // registers the gradients of tfjs's ops
import { withGradient } from '../sdk/ops';
import { valueAndGradients } from './backward';

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

const variable = (values: number[], shape: number[]): tf.Variable => tf.variable(tf.tensor(values, shape));

/** Branches, a tensor used twice, several outputs, a broadcast, an op that hands its cotangent on. */
function tangled(a: tf.Variable, b: tf.Variable): tf.Scalar {
  const same = withGradient([a], () => ({ value: tf.mul(a, 1), saved: [], gradient: (dy) => [dy] }));
  const [left, right] = tf.split(tf.matMul(same as tf.Tensor2D, b as tf.Tensor2D), 2, 1);
  const square = tf.mul(left!, left!);
  return tf.mean(tf.add(tf.mul(square, tf.exp(right!)), tf.sum(a))) as tf.Scalar;
}

test('gives the bytes of tf.variableGrads, and leaves nothing else behind', () => {
  const a = variable([1, -2, 0.5, 3, 0.25, -1], [2, 3]);
  const b = variable([0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8, -0.9, 1, 0.3, 0.2], [3, 4]);
  const unused = variable([1], [1]);
  const expected = tf.variableGrads(() => tangled(a, b), [a, b]);
  const before = tf.memory().numTensors;
  const { value, gradients } = valueAndGradients(() => tangled(a, b), [a, b, unused]);
  expect(tf.memory().numTensors).toBe(before + 3);
  expect(value.dataSync()).toEqual(expected.value.dataSync());
  expect(gradients[0]!.dataSync()).toEqual(expected.grads[a.name]!.dataSync());
  expect(gradients[1]!.dataSync()).toEqual(expected.grads[b.name]!.dataSync());
  expect(gradients[2]).toBeUndefined();
});

test('an intermediate tensor is freed before the pass over the tape ends', () => {
  const x = variable(new Array<number>(1000).fill(0.5), [1000]);
  let most = 0;
  const watched = (y: tf.Tensor): tf.Tensor =>
    withGradient([y], () => ({
      value: tf.square(y),
      saved: [y],
      gradient: (dy, [kept]) => {
        most = Math.max(most, tf.memory().numTensors);
        return [tf.mul(tf.mul(2, kept!), dy)];
      },
    }));
  const chain = (length: number) => (): tf.Scalar => {
    let y: tf.Tensor = x;
    for (let i = 0; i < length; i++) y = watched(y);
    return tf.sum(y) as tf.Scalar;
  };
  const peak = (run: (f: () => tf.Scalar) => void): number => {
    const counts = [10, 20].map((length) => {
      most = 0;
      tf.tidy(() => run(chain(length)));
      return most;
    });
    return (counts[1]! - counts[0]!) / 10;
  };
  // what each further op adds to the peak: the one tensor that it saves; with tfjs also two gradients
  expect(peak((f) => void valueAndGradients(f, [x]).value.dispose())).toBeLessThanOrEqual(2);
  expect(peak((f) => void tf.variableGrads(f, [x]))).toBeGreaterThan(2);
});

test('a failure in the function leaves the tape off', () => {
  const x = variable([1], [1]);
  const broken = (): tf.Scalar => {
    throw new Error('no');
  };
  expect(() => valueAndGradients(broken, [x])).toThrow('no');
  expect(tf.engine().isTapeOn()).toBe(false);
  expect(valueAndGradients(() => tf.sum(x), [x]).gradients[0]!.dataSync()).toEqual(Float32Array.of(1));
});
