import * as tf from '@tensorflow/tfjs-core';
import { AUTO, chooseEngine, ENGINES } from './index';

test('auto takes the fastest', () => {
  expect(chooseEngine(AUTO)).toBe(ENGINES[0]);
});

test('an unknown name gives the nearest one', () => {
  expect(() => chooseEngine('tfjs-wsm')).toThrow(expect.objectContaining({ tries: ['engine.name=tfjs-wasm'] }));
});

test.each(ENGINES.map((engine) => [engine.name, engine] as const))('%s computes', async (name, engine) => {
  const info = await engine.prepare();
  expect(info).toMatchObject({ name, threads: 1 });
  const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]]));
  expect(await product.data()).toEqual(Float32Array.of(11));
});
