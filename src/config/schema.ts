/**
 * The schema of the whole config but for the options of components, which are checked by the components' own schemas.
 * Every key has a description; the reference's keys have its values as defaults.
 */
import { z } from 'zod';
import { LOSS_KEY } from '../sdk/kinds';
import { component, optionalMap, section } from './component-schema';
import type { ValueMap } from './value';

const VAL_SEED = 6676759028237078;

const positiveInt = z.int().positive();
const count = z.int().nonnegative();
const maxSamples = positiveInt.nullable().default(null);
const interval = positiveInt;
const seed = z.int().nonnegative();
const probability = z.number().min(0).max(1);

/** Text; a number or bool written without quotes counts as text. */
const text = z.preprocess(
  (value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value),
  z.string(),
);

const mlpKeys = {
  hidden_mult: z
    .number()
    .positive()
    .default(2)
    .describe('width of the hidden layer, as a multiple of the embedding width'),
  activation: z.enum(['gelu', 'relu']).default('gelu').describe('activation of the hidden layer'),
  dropout: probability.default(0).describe('dropout rate after the hidden layer'),
};
const projectionKeys = { ...mlpKeys, out_bias: z.boolean().default(false).describe('the last layer has a bias') };

const model = section(
  {
    architecture: component('architecture', {}, { bare: true }).describe('how the parts are wired (kind architecture)'),
    backbone: component('backbone', {
      pos_embed: component('pos_embed', {}, { bare: true })
        .nullable()
        .prefault('learned')
        .describe('positions of patch tokens (kind pos_embed); null = none'),
      pos_embed_dropout: probability.default(0).describe('dropout rate after positions are added'),
      global_pool: component('pooling', {}, { bare: true })
        .prefault('avg')
        .describe('from patch tokens to one vector (kind pooling)'),
    })
      .prefault('vit')
      .describe('from an image to patch tokens (kind backbone)'),
    global_fn: section(mlpKeys, 'MLP that makes the global representation'),
    global_proj: section(projectionKeys, 'MLP from the global representation to what its loss sees'),
    obj_queries: component('obj_queries', {})
      .nullable()
      .default(null)
      .describe('what slots start from (kind obj_queries); null = no slots'),
    obj_fn: component('obj_fn', {
      pos_embed: component('pos_embed', {}, { bare: true, keywords: ['backbone'] })
        .nullable()
        .default(null)
        .describe('positions of patch tokens (kind pos_embed); null = none, backbone = share those of the backbone'),
    })
      .nullable()
      .default(null)
      .describe('from queries and patch tokens to slots (kind obj_fn); null = no slots'),
    obj_proj: z
      .strictObject(projectionKeys)
      .nullable()
      .default(null)
      .describe('MLP from slots to what their loss sees; null = no slots'),
  },
  'the model',
);

const weight = z.number().nonnegative().default(1).describe('factor of this loss in the sum; 0 = logged only');

const loss = component('loss', { weight });

const losses = optionalMap(
  z
    .object({
      l_global: loss.nullable().describe('loss of the global representation (kind loss); null = none'),
      l_objects: loss.nullable().default(null).describe('loss of the slots (kind loss); null = none'),
    })
    .catchall(loss.nullable().describe('a further loss, under a key of your own (kind loss); null = none'))
    .superRefine((nodes, { addIssue }) => {
      for (const key of Object.keys(nodes).filter((name) => !LOSS_KEY.test(name))) {
        const message = 'should be under a key of lower-case letters, digits and _ that starts with a letter';
        addIssue({ code: 'custom', path: [key], message });
      }
    }),
).describe('the losses; their weighted sum is trained on');

const optimizer = component('optimizer', {
  start_lr: z.number().nonnegative().default(7e-4).describe('learning rate after the warm-up'),
}).describe('the optimizer (kind optimizer)');

const lrScheduler = section(
  {
    warmup: section(
      { epochs: z.number().nonnegative().default(10).describe('epochs in which the rate rises from 0 to start_lr') },
      'linear warm-up',
    ),
    decay: component('lr_scheduler', {}).describe('the rate after the warm-up (kind lr_scheduler)'),
  },
  'the learning rate by step',
);

const cropSize = z.tuple([positiveInt, positiveInt]);
const rgb = z.tuple([z.number(), z.number(), z.number()]);

const data = component('dataset', {
  crop_size: cropSize.default([128, 128]).describe('[height, width] of a crop, in pixels'),
  crops: z
    .enum(['augmented', 'squares'])
    .default('augmented')
    .describe(
      'what is trained on: augmented = parts of the image, flipped, in other colours; squares = the largest square at a random place, flipped, and else as in tests',
    ),
  crop_scale: z
    .tuple([probability, probability])
    .refine(([low, high]) => low > 0 && low <= high, 'should be [low, high] with 0 < low <= high <= 1')
    .default([0.3, 1])
    .describe('[low, high] part of the area of the image that an augmented crop shows'),
  normalize: section(
    {
      mean: rgb.default([0.485, 0.456, 0.406]).describe('mean of R, G and B in [0, 1]; of ImageNet by default'),
      std: z
        .tuple([z.number().positive(), z.number().positive(), z.number().positive()])
        .default([0.229, 0.224, 0.225])
        .describe('standard deviation of R, G and B'),
      rows: z
        .array(rgb)
        .nullable()
        .default(null)
        .describe('means of R, G and B of each pixel row of a crop, taken off instead of mean; null = none'),
      from_data: z
        .enum(['channels', 'rows'])
        .nullable()
        .default(null)
        .describe(
          'measured on the first 1000 training images and recorded in place of the above: mean and std of each channel, or means of each row and one std; null = as above',
        ),
    },
    'normalisation of crops',
  ),
  train: section(
    {
      seed: seed.nullable().default(null).describe('seed of order and crops; null = drawn once and recorded'),
      max_samples: maxSamples.describe('use only the first so many images; null = all'),
    },
    'the training split',
  ),
  val: section(
    {
      seed: seed.default(VAL_SEED).describe('seed of crops, the same every epoch'),
      max_samples: maxSamples.describe('use only the first so many images; null = all'),
      epoch_interval: interval.default(1).describe('validate every so many epochs'),
    },
    'the validation split',
  ),
  viz: section(
    {
      seed: seed.default(VAL_SEED).describe('seed of crops, the same every epoch'),
      max_samples: count.default(4).describe('images in figures; 0 = no figures'),
      epoch_interval: interval.default(5).describe('draw figures every so many epochs'),
      figures: z
        .array(component('figure', {}, { bare: true }))
        .prefault(['segmentation', 'rollouts'])
        .describe('what is drawn (kind figure): names, or { name, ...options }'),
    },
    'figures',
  ),
  test: section(
    {
      max_samples: maxSamples.describe('use only the first so many images; null = all'),
      epoch_interval: interval.default(5).describe('evaluate every so many epochs'),
      evaluators: z
        .array(
          component(
            'evaluator',
            {
              optional: z
                .boolean()
                .optional()
                .describe('left out where the model or the data set is none it can measure, instead of an error'),
              last_epoch_only: z
                .boolean()
                .optional()
                .describe('while training, measured after the last epoch alone: for what takes long'),
            },
            { bare: true },
          ),
        )
        .default([])
        .describe('what is measured on the test split (kind evaluator): names, or { name, ...options }'),
    },
    'the test split and its evaluation',
  ),
  num_workers: count
    .nullable()
    .default(null)
    .describe('threads that decode and augment; 0 = none, null = as fits the machine'),
  on_bad_record: z
    .enum(['error', 'skip'])
    .default('error')
    .describe('a record that cannot be read stops the run, or is counted, reported and left out'),
}).describe('the data set (kind dataset) and how it is used');

const logging = section(
  {
    project: text.nullable().default('iclr-osc-22').describe('project of the run, for trackers'),
    group: text.nullable().default(null).describe('group of the run, for trackers'),
    name: text.nullable().default(null).describe('name of the run; null = generated from two words'),
    id: text.nullable().default(null).describe('id of the run, for trackers; null = generated'),
    tags: z.array(text).default([]).describe('tags of the run, for trackers'),
    notes: text.nullable().default(null).describe('remarks on the run, for trackers'),
    trackers: z
      .array(component('tracker', {}, { bare: true }))
      .prefault(['jsonl'])
      .describe('where metrics go (kind tracker): names, or { name, ...options }'),
  },
  'how the run is called and where its metrics go',
);

const training = section(
  {
    batch_size: z.int().min(2).default(64).describe('images in a batch, B; two views of each'),
    num_epochs: positiveInt.nullable().default(null).describe('epochs to train; null = warm-up + decay'),
    checkpoint_interval: interval.default(5).describe('write a checkpoint every so many epochs'),
    checkpoint_steps: interval.nullable().default(null).describe('and also every so many optimizer steps; null = no'),
    keep_checkpoints: positiveInt.default(2).describe('newest checkpoints to keep'),
    clip_grad_norm: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('gradients are scaled down to at most this norm, taken over all of them; null = as they are'),
    accumulate_batches: positiveInt
      .default(1)
      .describe('batches whose gradients are averaged for one step of the optimizer'),
    callbacks: z
      .array(component('callback', {}, { bare: true }))
      .prefault(['collapse', 'evaluation', 'figures'])
      .describe('what happens beside the steps (kind callback), in this order: names, or { name, ...options }'),
  },
  'the training loop',
);

const other = section(
  {
    debug: z.boolean().default(false).describe('a short run of 3 epochs that does everything; see docs/decisions'),
    tqdm: z.boolean().default(true).describe('progress bars on a terminal; alias: progress'),
    seed: seed
      .nullable()
      .default(null)
      .describe('seed of weights and of all random draws but crops; null = drawn once and recorded'),
    device: text.nullable().default(null).describe('kept for configs of the reference and not used: see engine.name'),
  },
  'everything else',
);

const engine = component('engine', {
  threads: positiveInt.nullable().default(null).describe('threads of the engine; null = all cores'),
})
  .prefault('auto')
  .describe('what computes; `osc doctor` lists the engines');

/** Every key of the config. Component nodes let their options through. */
export const rootSchema = z.strictObject({
  model,
  losses,
  optimizer,
  lr_scheduler: lrScheduler,
  data,
  logging,
  training,
  other,
  engine,
  launcher: component('launcher', {}).prefault('local').describe('what runs the jobs of a sweep (kind launcher)'),
  sweeper: component('sweeper', {}).prefault('grid').describe('which jobs a sweep has (kind sweeper)'),
});

/** A composed, valid config: of every node that names a component its name, its options and the keys of its parent. */
export type OscConfig = z.infer<typeof rootSchema> & {
  /** Options that a section has for a component which the list beside it does not name: `data.test.vqa` without `vqa`. */
  readonly unlisted: Readonly<Record<string, ValueMap>>;
};
