import { z } from 'osc-trainer/sdk';

export const options = z.strictObject({
  num_samples: z
    .int()
    .positive()
    .default(200)
    .describe('images of each level, the first of the test split; no more than data.test.max_samples'),
  variations: z
    .array(z.string().min(1))
    .min(1)
    .nullable()
    .default(null)
    .describe('names of those to measure, e.g. [objects, light]; null: all that the data set offers'),
  attention: z
    .enum(['first', 'last'])
    .default('first')
    .describe('whose attention is measured: that of the first iteration (or block), as in the reference, or the last'),
  slots: z
    .enum(['model', 'objects'])
    .default('model')
    .describe(
      'as many slots as the model is configured with, or as the most objects of an image of the level and one, which needs queries whose number can vary',
    ),
  baselines: z
    .boolean()
    .default(true)
    .describe('whether blind masks, the ceiling at the token grid and the untrained model are measured too'),
});

export type RobustnessOptions = z.infer<typeof options>;
