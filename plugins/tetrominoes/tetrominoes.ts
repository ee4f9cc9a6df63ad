import { component, inject, OPTIONS, z } from 'osc-trainer/sdk';
import { SplitFileDataset, splitFileOptions, type FieldSpec } from 'osc-trainer/sdk/data';

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
export class Tetrominoes extends SplitFileDataset {
  static readonly layouts = [{ fields: FIELDS }];

  readonly maxObjects = 3;

  constructor(@inject(OPTIONS) { root, ...split }: z.infer<typeof options>) {
    super({ who: 'tetrominoes', root, folder: FOLDER, file: FILE, fields: FIELDS }, split);
  }
}
