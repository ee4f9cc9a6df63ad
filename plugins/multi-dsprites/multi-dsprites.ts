import { component, inject, OPTIONS, z } from 'osc-trainer/sdk';
import { SplitFileDataset, splitFileOptions, type FieldSpec } from 'osc-trainer/sdk/data';

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
export class MultiDsprites extends SplitFileDataset {
  static readonly layouts = (Object.keys(VARIANTS) as Variant[]).map((variant) => ({ fields: fieldsOf(variant) }));

  readonly maxObjects: number;

  constructor(@inject(OPTIONS) { root, variant, ...split }: z.infer<typeof options>) {
    super(
      { who: `multi_dsprites (${variant})`, root, folder: FOLDER, file: fileOf(variant), fields: fieldsOf(variant) },
      split,
    );
    this.maxObjects = VARIANTS[variant].entities - 1;
  }
}

function fileOf(variant: Variant): string {
  return `multi_dsprites_${variant}.tfrecords`;
}
