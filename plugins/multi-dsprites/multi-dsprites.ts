import { join } from 'node:path';
import {
  type Dataset,
  OPTIONS,
  type Progress,
  type RawRecord,
  type RunError,
  type Sample,
  type SplitName,
  component,
  inject,
  z,
} from 'osc-trainer/sdk';
import {
  type FieldSpec,
  SplitFile,
  decodeSample,
  expandHome,
  requirePublishedFiles,
  splitFileOptions,
} from 'osc-trainer/sdk/data';

const FOLDER = 'multi_dsprites';

/** Channels of the image, and K: the background and the most sprites of a scene. */
const VARIANTS = {
  colored_on_grayscale: { channels: 3, entities: 6 },
  colored_on_colored: { channels: 3, entities: 5 },
  binarized: { channels: 1, entities: 4 },
} as const;

type Variant = keyof typeof VARIANTS;

const options = z.strictObject({
  root: z
    .string()
    .min(1)
    .default('~/multi-object-datasets')
    .describe(`folder that has ${FOLDER}/multi_dsprites_VARIANT.tfrecords`),
  variant: z
    .enum(Object.keys(VARIANTS) as [Variant, ...Variant[]])
    .default('colored_on_grayscale')
    .describe('which of the published files'),
  ...splitFileOptions,
});

/** Fields of a published record. Masks lie as `[H, W, K, 1]` in the file. */
function fieldsOf(variant: Variant): readonly FieldSpec[] {
  const { channels, entities } = VARIANTS[variant];
  const perEntity = ['x', 'y', 'shape', 'visibility', 'orientation', 'scale'];
  return [
    { name: 'image', type: 'uint8', shape: [64, 64, channels] },
    { name: 'mask', type: 'uint8', shape: [entities, 64, 64, 1], axes: [2, 0, 1, 3] },
    ...perEntity.map((name): FieldSpec => ({ name, type: 'float32', shape: [entities] })),
    { name: 'color', type: 'float32', shape: [entities, channels] },
  ];
}

/** Multi-dSprites: `[64, 64, 3]` images (gray ones as RGB), and in the test split K masks and their attributes. */
@component({
  kind: 'dataset',
  name: 'multi_dsprites',
  summary: 'Multi-dSprites: up to five flat shapes that may hide each other; three variants',
  options,
  reference:
    'Kabra et al., Multi-Object Datasets, 2019 (github.com/deepmind/multi_object_datasets); src/osc/data/multi_dsprites.py',
})
export class MultiDsprites implements Dataset {
  static readonly layouts = (Object.keys(VARIANTS) as Variant[]).map((variant) => ({ fields: fieldsOf(variant) }));

  readonly #root: string;
  readonly #variant: Variant;
  readonly #fields: readonly FieldSpec[];
  readonly #file: SplitFile;

  constructor(@inject(OPTIONS) { root, variant, ...split }: z.infer<typeof options>) {
    this.#root = expandHome(root);
    this.#variant = variant;
    this.#fields = fieldsOf(variant);
    this.#file = new SplitFile(join(this.#root, FOLDER, fileOf(variant)), split);
  }

  /** Counts the records, once. */
  async prepare(progress: Progress): Promise<void> {
    const who = `multi_dsprites (${this.#variant})`;
    requirePublishedFiles(who, { root: this.#root, folder: FOLDER, files: [fileOf(this.#variant)] });
    await this.#file.prepare(progress);
  }

  size(split: SplitName): Promise<number> {
    return this.#file.size(split);
  }

  records(split: SplitName, from = 0, onBadRecord?: (error: RunError) => void): AsyncIterable<RawRecord> {
    return this.#file.records(split, from, onBadRecord);
  }

  /** Masks and attributes are decoded where they are used: in the test split. */
  decode(record: RawRecord, split: SplitName): Sample {
    return decodeSample(record, split === 'test' ? this.#fields : this.#fields.slice(0, 1));
  }
}

function fileOf(variant: Variant): string {
  return `multi_dsprites_${variant}.tfrecords`;
}
