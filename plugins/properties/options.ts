import { z } from 'osc-trainer/sdk';

export const options = z.strictObject({
  match: z
    .enum(['masks', 'prediction'])
    .default('masks')
    .describe('which slot is whose: that whose mask overlaps the object, or that from which the probe tells it best'),
  masks: z
    .string()
    .min(1)
    .default('attention')
    .describe('masks of the slots to match by: attention, or the key of a loss that makes masks'),
  attention: z
    .enum(['first', 'last'])
    .default('last')
    .describe('whose attention: that of the first iteration (or block), or of the last, which the slots come from'),
  seed: z.int().nonnegative().default(0).describe('seed of the weights that the probes start with'),
  num_epochs: z
    .int()
    .positive()
    .default(1000)
    .describe(
      'most optimizer steps, each on all training objects at once; fewer where the loss does not fall any more',
    ),
  hidden: z.int().positive().default(256).describe('units of the hidden layer of the MLP'),
  split: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.75)
    .describe('part of the test split, from its start, that the probes are trained on; they are measured on the rest'),
  baselines: z.boolean().default(true).describe("whether probes of the untrained model's slots are measured too"),
});

export type PropertiesOptions = z.infer<typeof options>;
