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

const FOLDER = 'tetrominoes';
const FILE = 'tetrominoes_train.tfrecords';
const SIDE = 35;
/** K: the background and three tetrominoes. */
const ENTITIES = 4;

/** Fields of a published record. */
const FIELDS: readonly FieldSpec[] = [
  { name: 'image', type: 'uint8', shape: [SIDE, SIDE, 3] },
  { name: 'mask', type: 'uint8', shape: [ENTITIES, SIDE, SIDE, 1] },
  ...['x', 'y', 'shape', 'visibility'].map((name): FieldSpec => ({ name, type: 'float32', shape: [ENTITIES] })),
  { name: 'color', type: 'float32', shape: [ENTITIES, 3] },
];

const options = z.strictObject({
  root: z.string().min(1).default('~/multi-object-datasets').describe(`folder that has ${FOLDER}/${FILE}`),
  ...splitFileOptions,
});

/** Tetrominoes: `[35, 35, 3]` images, and in the test split 4 masks and their attributes. */
@component({
  kind: 'dataset',
  name: 'tetrominoes',
  summary: 'Tetrominoes: three coloured pieces of four squares each, 35×35 pixels',
  options,
  reference:
    'Kabra et al., Multi-Object Datasets, 2019 (github.com/deepmind/multi_object_datasets); src/osc/data/tetrominoes.py',
})
export class Tetrominoes implements Dataset {
  static readonly layouts = [{ fields: FIELDS }];

  readonly #root: string;
  readonly #file: SplitFile;

  constructor(@inject(OPTIONS) { root, ...split }: z.infer<typeof options>) {
    this.#root = expandHome(root);
    this.#file = new SplitFile(join(this.#root, FOLDER, FILE), split);
  }

  /** Counts the records, once. */
  async prepare(progress: Progress): Promise<void> {
    requirePublishedFiles('tetrominoes', { root: this.#root, folder: FOLDER, files: [FILE] });
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
    return decodeSample(record, split === 'test' ? FIELDS : FIELDS.slice(0, 1));
  }
}
