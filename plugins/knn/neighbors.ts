/** The nearest neighbours of every image among all others. Letters: N images, C features, k neighbours. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { l2Normalize } from 'osc-trainer/sdk/ops';

export interface Neighbors {
  /** `[N, k]`: numbers of images, the most similar first; of equal ones the one with the lower number. */
  readonly indices: Int32Array;
  /** `[N, k]`: their cosine similarities. */
  readonly similarities: Float32Array;
}

/** Similarities worked out at once: 16 MB of them. */
const CHUNK_NUMBERS = 2 ** 22;

/**
 * By cosine similarity, exhaustively, each image left out of its own neighbours.
 *
 * @param features `[N, C]`
 * @param k less than N
 * @param rows images whose similarities are worked out at once
 * @param onDone is told how many images are done
 */
export async function nearestNeighbors(
  features: Float32Array,
  numImages: number,
  k: number,
  {
    rows = Math.max(1, Math.floor(CHUNK_NUMBERS / numImages)),
    onDone = () => undefined,
  }: { readonly rows?: number; readonly onDone?: (images: number) => void } = {},
): Promise<Neighbors> {
  const width = features.length / numImages;
  const bank = tf.tidy(() => l2Normalize(tf.tensor2d(features, [numImages, width])));
  const indices = new Int32Array(numImages * k);
  const similarities = new Float32Array(numImages * k);
  for (let from = 0; from < numImages; from += rows) {
    const size = Math.min(rows, numImages - from);
    const product = tf.tidy(() => tf.matMul(tf.slice(bank, [from, 0], [size, width]), bank, false, true));
    const all = product.dataSync() as Float32Array;
    product.dispose();
    for (let row = 0; row < size; row++) {
      const query = from + row;
      const ofQuery = all.subarray(row * numImages, (row + 1) * numImages);
      keepLargest(ofQuery, query, k, { start: query * k, indices, similarities });
    }
    onDone(from + size);
    await nextTurn(); // for signals and the terminal
  }
  bank.dispose();
  return { indices, similarities };
}

/** The k largest values but that at `skip`, into the rows at `start`. */
function keepLargest(
  values: Float32Array,
  skip: number,
  k: number,
  { start, indices, similarities }: Neighbors & { readonly start: number },
): void {
  let kept = 0;
  let least = -Infinity; // of k kept ones
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value <= least || i === skip) continue;
    let at = start + Math.min(kept, k - 1);
    for (; at > start && similarities[at - 1]! < value; at--) {
      similarities[at] = similarities[at - 1]!;
      indices[at] = indices[at - 1]!;
    }
    similarities[at] = value;
    indices[at] = i;
    if (kept < k) kept++;
    if (kept === k) least = similarities[start + k - 1]!;
  }
}
