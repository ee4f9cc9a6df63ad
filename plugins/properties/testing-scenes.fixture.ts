/** Scenes of one or two objects on a grid of 4x4 tokens, and a model whose slots know what a test wants them to know. */
import * as tf from '@tensorflow/tfjs-core';
import {
  RandomSource,
  silentProgress,
  type EvaluationContext,
  type Mode,
  type ModelOutputs,
  type TestSample,
} from 'osc-trainer/sdk';
import { testDimensions } from 'osc-trainer/sdk/testing';

const SIZE = 8;
const GRID = 4;
/** K: background, two objects. */
const ENTITIES = 3;
export const WIDTH = 12;

export const CATEGORIES = [
  { name: 'color', values: ['red', 'green', 'blue'] },
  { name: 'shape', values: ['cube', 'sphere'] },
  { name: 'weather', values: ['fair'] }, // no choice: it is not asked
];

export interface MadeObject {
  readonly color: number;
  readonly shape: number;
  /** Its token, row by row. */
  readonly token: number;
}

export interface MadeScene {
  readonly sample: TestSample;
  readonly objects: readonly MadeObject[];
}

export function makeScene(index: number): MadeScene {
  const draws = new RandomSource(index).stream('scene');
  const tokens = draws.sample(GRID * GRID, 2);
  const objects = Array.from({ length: draws.uniform() < 0.7 ? 2 : 1 }, (_, i) => ({
    color: draws.integer(3),
    shape: draws.integer(2),
    token: tokens[i]!,
  }));
  const masks = new Uint8Array(ENTITIES * SIZE * SIZE);
  for (let p = 0; p < SIZE * SIZE; p++) {
    const token = GRID * Math.floor(p / SIZE / 2) + Math.floor((p % SIZE) / 2);
    masks[(objects.findIndex((object) => object.token === token) + 1) * SIZE * SIZE + p] = 1;
  }
  const column = (of: (object: MadeObject) => number, background = 0) => ({
    values: Float32Array.from({ length: ENTITIES }, (_, k) => {
      const object = objects[k - 1];
      return k === 0 ? background : object === undefined ? 0 : of(object);
    }),
    shape: [ENTITIES],
  });
  const original = {
    image: new Uint8Array(3 * SIZE * SIZE),
    height: SIZE,
    width: SIZE,
    masks: masks.map((value) => 255 * value),
    numMasks: ENTITIES,
    attributes: {
      visibility: column(() => 1, 1),
      color: column(({ color }) => color + 1),
      shape: column(({ shape }) => shape + 1),
      weather: column(() => 1),
    },
  };
  const visibility = Uint8Array.from(original.attributes.visibility.values);
  const image = new Float32Array(3 * SIZE * SIZE).fill(index);
  return { sample: { index, image, masks, numMasks: ENTITIES, visibility, original }, objects };
}

/** `[C]` of a slot: what it knows of its object; null: of the background. */
export type Knowledge = (object: MadeObject | null, noise: () => number) => number[];

/** Everything, linearly. */
export const everything: Knowledge = (object, noise) => {
  const known = new Array<number>(WIDTH).fill(0).map(() => 0.1 * noise());
  if (object === null) return known;
  known[object.color]! += 3;
  known[3 + object.shape]! += 3;
  known[5]! += 2 * (object.token % GRID);
  known[6]! += 2 * Math.floor(object.token / GRID);
  return known;
};

export const nothing: Knowledge = (_, noise) => Array.from({ length: WIDTH }, noise);

export interface Setting {
  readonly numSamples?: number;
  readonly know?: Knowledge;
  readonly numSlots?: number;
  /** The slots' maps are of the slot after each. */
  readonly shiftMaps?: boolean;
  readonly usesObjects?: boolean;
  readonly hasAttention?: boolean;
  readonly change?: (sample: TestSample) => TestSample;
}

/** Slots stand in any order; the first of them is that of the last entity where there are too few. */
export function makeContext({
  numSamples = 100,
  know = everything,
  numSlots = 4,
  shiftMaps = false,
  usesObjects = true,
  hasAttention = true,
  change = (sample) => sample,
}: Setting = {}) {
  const modes: Mode[] = [];
  const warnings: string[] = [];
  const forward = (images: tf.Tensor4D, mode: Mode): ModelOutputs => {
    modes.push(mode);
    const indices = Array.from(tf.slice(images, [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync());
    const made = indices.map((index) => {
      const { objects } = makeScene(index);
      const random = new RandomSource(index);
      const noise = random.stream('noise');
      const places = [...random.stream('places').sample(numSlots)];
      const ownerOf = places.map((place) => objects[place] ?? null);
      const maps = ownerOf.map((owner, s) =>
        Array.from({ length: GRID * GRID }, (_, token) => {
          const isObject = objects.some((object) => object.token === token);
          // the slot of place 2 has the background, others without an object nothing
          const isOwn = owner !== null ? owner.token === token : places[s] === 2 && !isObject;
          return isOwn ? 0.9 : 0.02;
        }),
      );
      return {
        slots: ownerOf.map((owner) => know(owner, () => noise.normal())),
        maps: shiftMaps ? [...maps.slice(1), maps[0]!] : maps,
      };
    });
    const objects = [tf.tensor3d(made.map(({ maps }) => maps))];
    return {
      fSlots: tf.tensor3d(made.map(({ slots }) => slots)),
      ...(mode.attention === true && { attention: { backbone: [], objects: hasAttention ? objects : [] } }),
    } as unknown as ModelOutputs;
  };
  const context: EvaluationContext = {
    model: {
      dimensions: { ...testDimensions, imageSize: [SIZE, SIZE], grid: [GRID, GRID], numTokens: GRID * GRID },
      usesObjects,
      forward,
    },
    async *samples() {
      for (let index = 0; index < numSamples; index++) yield change(makeScene(index).sample);
    },
    categories: CATEGORIES,
    masks: [],
    numSamples,
    batchSize: 64,
    progress: silentProgress,
    logger: {
      error() {},
      warn: (text: string) => warnings.push(text),
      info: (text: string) => warnings.push(text),
      debug() {},
    },
  };
  return { context, modes, warnings };
}
