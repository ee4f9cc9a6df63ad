/** Slots of an image and the objects that are to be told from them. Letters: S slots, C features, O objects, A categories. */
import type { CategoricalAttribute, TestSample } from 'osc-trainer/sdk';
import { categoryCodes } from 'osc-trainer/sdk/data';
import {
  maskDice,
  matchMasks,
  upsample,
  labelledObjects,
  type SlotMaps,
  type TrueMasks,
} from 'osc-trainer/sdk/metrics';

/** What there is to be told of an object. */
export interface ObjectProperties {
  /** `[A]`: the value of each category, from 0. */
  readonly codes: readonly number[];
  /** Centroid of its mask, x and y, in sides of the image: 0 to 1. */
  readonly position: readonly [number, number];
}

export interface SceneSlots {
  /** `[S, C]` */
  readonly slots: Float32Array;
  /** O of them. */
  readonly objects: readonly ObjectProperties[];
  /** `[O]`: the slot of each object, -1 where there are too few slots; null where they are matched by prediction. */
  readonly matches: Int32Array | null;
}

/** @param image slots `[S, C]`, and their maps to match by; null: not by masks */
export function readScene(
  sample: TestSample,
  { slots, maps }: { readonly slots: Float32Array; readonly maps: SlotMaps | null },
  truth: TrueMasks,
  categories: readonly CategoricalAttribute[],
  imageSize: readonly [number, number],
): SceneSlots {
  const numbers = labelledObjects(truth);
  const codesOf = categories.length === 0 ? () => [] : categoryCodes(sample, categories);
  return {
    slots,
    objects: numbers.map((k) => ({
      codes: codesOf(k).map((code) => code - 1),
      position: centroid(truth.labels, k, imageSize),
    })),
    matches: maps === null ? null : matchByMasks(truth, numbers, maps),
  };
}

function centroid(labels: Int32Array, k: number, [height, width]: readonly [number, number]): [number, number] {
  let [x, y, count] = [0, 0, 0];
  for (let p = 0; p < labels.length; p++) {
    if (labels[p] !== k) continue;
    x += (p % width) + 0.5;
    y += Math.floor(p / width) + 0.5;
    count++;
  }
  return [x / count / width, y / count / height];
}

/**
 * One slot for each object, so that the Dice scores of masks have the greatest sum. The background takes part, as one mask: it
 * has a slot too.
 */
function matchByMasks({ labels, numBackground }: TrueMasks, objects: readonly number[], maps: SlotMaps): Int32Array {
  const pixels = labels.length;
  const masks = new Uint8Array((objects.length + 1) * pixels);
  const rowOf = new Map(objects.map((k, i) => [k, i + 1]));
  labels.forEach((label, p) => {
    if (label >= 0) masks[(label < numBackground ? 0 : rowOf.get(label)!) * pixels + p] = 1;
  });
  const count = objects.length + 1;
  const scores = maskDice(masks, count, upsample(maps), maps.numSlots);
  return matchMasks(scores, count, maps.numSlots).indices.slice(1);
}
