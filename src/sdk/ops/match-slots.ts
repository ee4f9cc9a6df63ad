/** Matching the slots of two views of an image, one to one. */
import * as tf from '@tensorflow/tfjs-core';
import { linearSumAssignment } from '../metrics';

export interface SlotMatches {
  /** `[B, S]`: the slot of view 1 that belongs to slot s of view 0. */
  readonly ofView0: Int32Array;
  /** `[B, S]`: the inverse, the slot of view 0 that belongs to slot s of view 1. */
  readonly ofView1: Int32Array;
}

/**
 * Matches slots so that the similarities of an image's pairs have the greatest sum. The matches are constants: nothing is
 * differentiated through them. An image with a similarity that is not finite keeps its slots in order; whatever is
 * computed from its similarities is not finite either, which the trainer reports.
 *
 * @param similarity `[B, S, S]`, slots of view 0 by slots of view 1
 */
export function matchSlots(similarity: tf.Tensor3D): SlotMatches {
  const [batch, numSlots] = similarity.shape;
  const values = similarity.dataSync();
  const ofView0 = new Int32Array(batch * numSlots);
  const ofView1 = new Int32Array(batch * numSlots);
  for (let b = 0; b < batch; b++) {
    const scores = values.subarray(b * numSlots ** 2, (b + 1) * numSlots ** 2);
    const { rows, cols } = scores.every(Number.isFinite)
      ? linearSumAssignment(scores, numSlots, numSlots, { maximize: true })
      : {
          rows: Int32Array.from({ length: numSlots }, (_, i) => i),
          cols: Int32Array.from({ length: numSlots }, (_, i) => i),
        };
    rows.forEach((row, i) => {
      ofView0[b * numSlots + row] = cols[i]!;
      ofView1[b * numSlots + cols[i]!] = row;
    });
  }
  return { ofView0, ofView1 };
}

/**
 * For every slot of a batch the place of its match among them. Slots of the two views of an image are matched by the sum of
 * their products, which are cosine similarities where the slots have length 1. Nothing is differentiated through it.
 *
 * @param slots `[2B, S, C]`, A-major
 * @returns `[2BS]`: places in `[2B, S]`, row by row; taking matches twice leads back
 */
export function matchedSlots(slots: tf.Tensor3D): Int32Array {
  const [rows, numSlots] = slots.shape;
  const half = (rows / 2) * numSlots;
  const similarity = tf.tidy(() => {
    const [view0, view1] = tf.split(slots, 2) as [tf.Tensor3D, tf.Tensor3D];
    return tf.matMul<tf.Tensor3D>(view0, view1, false, true);
  });
  const { ofView0, ofView1 } = matchSlots(similarity);
  similarity.dispose();
  const firstOfImage = (place: number): number => place - (place % numSlots);
  return Int32Array.from({ length: 2 * half }, (_, i) =>
    i < half ? half + firstOfImage(i) + ofView0[i]! : firstOfImage(i - half) + ofView1[i - half]!,
  );
}
