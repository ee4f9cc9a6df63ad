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
  silentProgress,
  z,
} from 'osc-trainer/sdk';
import {
  type FieldSpec,
  SplitFile,
  decodeSample,
  expandHome,
  readRecords,
  recordCount,
  requirePublishedFiles,
  splitFileOptions,
} from 'osc-trainer/sdk/data';

const FOLDER = 'objects_room';
/** Masks of the sky, the floor and two walls; see `objects_room.py` of the published data sets. */
const NUM_BACKGROUND = 4;

/** File of each variant, and K: masks of the room, then of objects. */
const VARIANTS = {
  train: { file: 'objects_room_train.tfrecords', entities: 7 },
  six_objects: { file: 'objects_room_test_six_objects.tfrecords', entities: 10 },
  empty_room: { file: 'objects_room_test_empty_room.tfrecords', entities: 4 },
  identical_color: { file: 'objects_room_test_identical_color.tfrecords', entities: 10 },
} as const;

type Variant = keyof typeof VARIANTS;

const options = z.strictObject({
  root: z
    .string()
    .min(1)
    .default('~/multi-object-datasets')
    .describe(`folder that has ${FOLDER}/objects_room_*.tfrecords`),
  variant: z
    .enum(Object.keys(VARIANTS) as [Variant, ...Variant[]])
    .default('train')
    .describe(
      'scenes of the test split: held-out ones of the training file (train), or those of a published test file',
    ),
  num_background: z
    .int()
    .min(1)
    .max(NUM_BACKGROUND)
    .default(NUM_BACKGROUND)
    .describe('masks that are background, the first ones: sky, floor and two halves of the wall'),
  ...splitFileOptions,
});

const IMAGE: FieldSpec = { name: 'image', type: 'uint8', shape: [64, 64, 3] };

/** Fields of a published record. */
function fieldsOf(variant: Variant): readonly FieldSpec[] {
  return [IMAGE, { name: 'mask', type: 'uint8', shape: [VARIANTS[variant].entities, 64, 64, 1] }];
}

/**
 * Objects Room: `[64, 64, 3]` images, and in the test split K masks, of which the first four are the room. All variants
 * are trained on the training file.
 */
@component({
  kind: 'dataset',
  name: 'objects_room',
  summary: 'Objects Room: up to three solids in a room, and test scenes of three other kinds',
  options,
  reference:
    'Kabra et al., Multi-Object Datasets, 2019 (github.com/deepmind/multi_object_datasets); src/osc/data/objects_room.py',
})
export class ObjectsRoom implements Dataset {
  static readonly layouts = (Object.keys(VARIANTS) as Variant[]).map((variant) => ({
    fields: fieldsOf(variant),
    numBackground: NUM_BACKGROUND,
  }));

  readonly maxObjects: number;
  readonly #root: string;
  readonly #variant: Variant;
  readonly #numBackground: number;
  readonly #trainFile: SplitFile;
  readonly #testFields: readonly FieldSpec[];

  constructor(@inject(OPTIONS) { root, variant, num_background, ...split }: z.infer<typeof options>) {
    this.#root = expandHome(root);
    this.#variant = variant;
    this.maxObjects = Math.max(...[VARIANTS.train, VARIANTS[variant]].map(({ entities }) => entities - num_background));
    this.#numBackground = num_background;
    this.#trainFile = new SplitFile(this.#file('train'), split);
    this.#testFields = fieldsOf(variant);
  }

  /** Counts the records, once. */
  async prepare(progress: Progress): Promise<void> {
    const files = [...new Set([VARIANTS.train.file, VARIANTS[this.#variant].file])];
    requirePublishedFiles(`objects_room (${this.#variant})`, { root: this.#root, folder: FOLDER, files });
    await this.#trainFile.prepare(progress);
    if (this.#variant !== 'train') await recordCount(this.#file(this.#variant), progress);
  }

  size(split: SplitName): Promise<number> {
    return this.#hasOwnFile(split)
      ? recordCount(this.#file(this.#variant), silentProgress)
      : this.#trainFile.size(split);
  }

  records(split: SplitName, from = 0, onBadRecord?: (error: RunError) => void): AsyncIterable<RawRecord> {
    return this.#hasOwnFile(split)
      ? readRecords(this.#file(this.#variant), { from, ...(onBadRecord && { onBadRecord }) })
      : this.#trainFile.records(split, from, onBadRecord);
  }

  /** Masks are decoded where they are used: in the test split. */
  decode(record: RawRecord, split: SplitName): Sample {
    if (split !== 'test') return decodeSample(record, [IMAGE]);
    return { ...decodeSample(record, this.#testFields), numBackground: this.#numBackground };
  }

  #hasOwnFile(split: SplitName): boolean {
    return split === 'test' && this.#variant !== 'train';
  }

  #file(variant: Variant): string {
    return join(this.#root, FOLDER, VARIANTS[variant].file);
  }
}
