import {
  component,
  inject,
  OPTIONS,
  RandomSource,
  type CategoricalAttribute,
  type Dataset,
  type DatasetVariation,
  type RawRecord,
  type Sample,
  type SplitName,
} from 'osc-trainer/sdk';
import { COLORS, drawImage, SHAPES, type SpritesSize } from './draw';
import { options, requireNumbers, type SpritesOptions } from './options';

const OBJECTS = [1, 2, 4, 6, 8] as const;

/**
 * Flat shapes, made when they are read: a record is no more than its number, and decoding it draws the image, in the threads that
 * decode. Training and validation have images alone.
 */
@component({
  kind: 'dataset',
  name: 'sprites',
  summary: 'Generated sprites: a few flat shapes that may hide each other, with masks and attributes',
  options,
})
export class Sprites implements Dataset {
  readonly categories: readonly CategoricalAttribute[] = [
    { name: 'color', values: COLORS },
    { name: 'shape', values: SHAPES },
  ];
  readonly maxObjects: number;
  readonly #size: SpritesSize;

  /** @throws UsageError if `min_objects` is more than `max_objects` */
  constructor(@inject(OPTIONS) private readonly options: SpritesOptions) {
    requireNumbers(options);
    this.maxObjects = options.max_objects;
    const [height, width] = options.image_size;
    this.#size = { height, width, minObjects: options.min_objects, maxObjects: options.max_objects };
  }

  variations(numSamples: number): readonly DatasetVariation[] {
    const { min_objects: min, max_objects: max } = this.options;
    const current =
      min === max ? { name: `${min}`, value: min } : { name: `${min}-${max}`, value: (min + max) / 2 + 0.01 };
    const levels = OBJECTS.filter((n) => n !== current.value).map((n) => ({
      name: `${n}`,
      value: n,
      options: { min_objects: n, max_objects: n, num_test: numSamples },
    }));
    return [{ name: 'objects', label: 'sprites in an image', current, levels }];
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  size(split: SplitName): Promise<number> {
    return Promise.resolve(this.options[`num_${split}`]);
  }

  async *records(split: SplitName, from = 0): AsyncGenerator<RawRecord, void, undefined> {
    const size = await this.size(split);
    for (let index = from; index < size; index++) {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, index);
      yield { bytes, file: `sprites (${split})`, index, offset: 4 * index };
    }
  }

  decode({ bytes }: RawRecord, split: SplitName): Sample {
    const index = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const random = new RandomSource(this.options.seed).scope(split).stream('sprites', index);
    const { image, height, width, ...whole } = drawImage(random, this.#size);
    return { image, height, width, ...(split === 'test' && whole) };
  }
}
