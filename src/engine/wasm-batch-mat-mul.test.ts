import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { prepareTfjsWasm } from './tfjs-wasm';

const SHAPES: [string, number[], number[], boolean, boolean][] = [
  ['one product', [5, 7], [7, 3], false, false],
  ['a batch', [4, 5, 7], [4, 7, 3], false, false],
  ['two batch axes', [2, 3, 5, 7], [2, 3, 7, 4], false, false],
  ['transposed a', [4, 7, 5], [4, 7, 3], true, false],
  ['transposed narrow a', [4, 7, 3], [4, 7, 5], true, false],
  ['transposed b', [4, 5, 7], [4, 3, 7], false, true],
  ['both transposed', [4, 7, 5], [4, 3, 7], true, true],
  ['one a for a batch of b', [5, 7], [4, 7, 3], false, false],
  ['one b for a batch of a', [4, 5, 7], [1, 7, 3], false, false],
  ['batches that broadcast both ways (stock kernel)', [2, 1, 5, 7], [1, 3, 7, 4], false, false],
];

test.each(SHAPES)(
  '%s: the values of the cpu backend, and nothing left behind',
  async (_, a, b, transposeA, transposeB) => {
    const values = (shape: number[], seed: number): Float32Array =>
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 1.7 + seed));
    const product = (): { values: Float32Array; shape: number[] } =>
      tf.tidy(() => {
        const y = tf.matMul(tf.tensor(values(a, 1), a), tf.tensor(values(b, 2), b), transposeA, transposeB);
        return { values: y.dataSync() as Float32Array, shape: y.shape };
      });
    await tf.setBackend('cpu');
    const expected = product();
    await prepareTfjsWasm();
    const before = tf.engine().backend.numDataIds();
    for (let repeat = 0; repeat < 2; repeat++) {
      const actual = product();
      expect(actual.shape).toEqual(expected.shape);
      actual.values.forEach((value, i) => expect(value).toBeCloseTo(expected.values[i]!, 5));
    }
    expect(tf.engine().backend.numDataIds()).toBe(before);
  },
);
