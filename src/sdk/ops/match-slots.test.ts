import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { matchedSlots, matchSlots } from './match-slots';

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

describe('matchedSlots', () => {
  const axes = (...order: number[]): number[][] => order.map((axis) => [0, 1, 2].map((i) => (i === axis ? 1 : 0)));
  // two images; the slots of view 1 are those of view 0 in another order
  const slots = (): tf.Tensor3D => tf.tensor3d([axes(0, 1, 2), axes(2, 1, 0), axes(1, 2, 0), axes(2, 0, 1)]);

  it('gives the place of the match in the other view of the same image', () => {
    const [image0, image1] = [
      [8, 6, 7],
      [9, 11, 10],
    ];
    expect([...matchedSlots(slots())].slice(0, 6)).toEqual([...image0!, ...image1!]);
  });

  it('leads back when taken twice, and leaves no tensor behind', () => {
    const given = slots();
    const before = tf.memory().numTensors;
    const matches = matchedSlots(given);
    expect([...matches].map((match) => matches[match])).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(tf.memory().numTensors).toBe(before);
  });
});
