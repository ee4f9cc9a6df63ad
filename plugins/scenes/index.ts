/** Data set `scenes`: generated scenes in the manner of CLEVR. */
import {
  component,
  type DatasetVariation,
  type GeneratedDataset,
  inject,
  OPTIONS,
  type Progress,
  type RawRecord,
  type RunError,
  type Sample,
  type SplitName,
} from 'osc-trainer/sdk';
import { decodeSample, type FieldSpec, RecordWriter } from 'osc-trainer/sdk/data';
import { isThere, readSplit, splitFile } from './cache';
import { Generator, type Job } from './generate';
import { options, sceneOptionsOf, type ScenesOptions } from './options';
import { sceneFields, type SceneOptions } from './scene';
import { variationsOf } from './variations';
import { CATEGORIES } from './vocabulary';

/** Files being made in this process: a second data set with the same options waits for the first one's. */
const underWay = new Map<string, Promise<void>>();

const SPLITS = ['train', 'val', 'test'] as const;

@component({
  kind: 'dataset',
  name: 'scenes',
  summary: 'Generated CLEVR-like scenes: spheres, cubes and cylinders with masks and attributes',
  options,
  reference: 'Johnson et al. 2017, CLEVR (arXiv:1612.06890); records as in DeepMind multi_object_datasets',
})
export class Scenes implements GeneratedDataset {
  static readonly layouts = Object.values(sceneFields({ height: 240, width: 320 })).map((fields) => ({ fields }));

  readonly categories = CATEGORIES;
  readonly maxObjects: number;
  readonly #scene: SceneOptions;
  readonly #fields: Record<SplitName, readonly FieldSpec[]>;

  /** @throws UsageError if `min_objects` is more than `max_objects` */
  constructor(@inject(OPTIONS) private readonly options: ScenesOptions) {
    this.#scene = sceneOptionsOf(options);
    this.maxObjects = options.max_objects;
    const { image, whole } = sceneFields(this.#scene);
    this.#fields = { train: image, val: image, test: whole };
  }

  /** Generates the splits that are not in the cache. @throws RunError when they cannot be written */
  async prepare(progress: Progress): Promise<void> {
    const missing: SplitName[] = [];
    for (const split of SPLITS) if (!(await isThere(this.#file(split)))) missing.push(split);
    if (missing.length === 0) return;
    progress.start(
      'Generating scenes',
      missing.reduce((sum, split) => sum + this.#count(split), 0),
      'scenes',
    );
    const generator = new Generator(this.options.threads);
    try {
      let done = 0;
      for (const split of missing) {
        const file = this.#file(split);
        const generating = underWay.get(file) ?? this.#generate(generator, split, file, () => progress.update(++done));
        underWay.set(file, generating);
        await generating.finally(() => underWay.delete(file));
      }
    } finally {
      await generator.close();
      progress.stop();
    }
  }

  variations(numSamples: number): readonly DatasetVariation[] {
    return variationsOf(this.options, numSamples);
  }

  size(split: SplitName): Promise<number> {
    return Promise.resolve(this.#count(split));
  }

  records(split: SplitName, from = 0, onBadRecord?: (error: RunError) => void): AsyncIterable<RawRecord> {
    return readSplit(this.#file(split), this.#count(split), from, onBadRecord);
  }

  decode(record: RawRecord, split: SplitName): Sample {
    return decodeSample(record, this.#fields[split]);
  }

  async *synthesize(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    const generator = new Generator(this.options.threads);
    try {
      yield* generator.records(this.#job('synth', 'scene', count));
    } finally {
      await generator.close();
    }
  }

  #count(split: SplitName): number {
    return this.options[`num_${split}`];
  }

  #file(split: SplitName): string {
    const { cache_dir: cacheDir, seed } = this.options;
    return splitFile({ cacheDir, seed, scene: this.#scene }, split, this.#count(split));
  }

  #job(purpose: string, content: Job['content'], count: number): Job {
    return { seed: this.options.seed, purpose, content, count, scene: this.#scene };
  }

  async #generate(generator: Generator, split: SplitName, file: string, onScene: () => void): Promise<void> {
    const job = this.#job(split, split === 'test' ? 'scene' : 'image', this.#count(split));
    // Another process may be at the same file: both write the same bytes, each under a temporary name of its own.
    // Quick compression: masks shrink to nothing at any level, images hardly more at higher ones.
    const writer = await RecordWriter.create(file, { overwrite: true, level: 1 });
    try {
      for await (const record of generator.records(job)) {
        await writer.write(record);
        onScene();
      }
      await writer.close();
    } finally {
      await writer.discard();
    }
  }
}
