import { z } from 'osc-trainer/sdk';

export const options = z.strictObject({
  seed: z.int().nonnegative().default(759443315).describe('seed of the weights that the probe starts with'),
  num_epochs: z.int().positive().default(10000).describe('optimizer steps, each on all training images at once'),
  split: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.75)
    .describe('part of the test split, from its start, that the probe is trained on; it is measured on the rest'),
  pos_weight: z
    .number()
    .positive()
    .nullable()
    .default(14)
    .describe('weight of positive answers in the loss (about 14 of 15 answers are no); null: 1'),
});

export type VqaOptions = z.infer<typeof options>;
