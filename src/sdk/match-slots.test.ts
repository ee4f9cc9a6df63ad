import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { matchSlots } from './match-slots';

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

describe('matchSlots', () => {
  it('gives the matches of both sides, image by image', () => {
    const similarity = tf.tensor3d([
      [
        [0.1, 0.9, 0.2],
        [0.3, 0.8, 0.9],
        [0.7, 0.1, 0.1],
      ],
      [
        [1, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
      ],
    ]);
    const { ofView0, ofView1 } = matchSlots(similarity);
    expect([...ofView0]).toEqual([1, 2, 0, 0, 2, 1]);
    expect([...ofView1]).toEqual([2, 0, 1, 0, 2, 1]);
  });

  it('keeps the slots of an image that is not finite in order, and still matches the others', () => {
    const similarity = tf.tensor3d([
      [
        [NaN, 1],
        [1, 0],
      ],
      [
        [0, 1],
        [1, 0],
      ],
    ]);
    expect([...matchSlots(similarity).ofView0]).toEqual([0, 1, 1, 0]);
  });
});
