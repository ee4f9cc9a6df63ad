import { z } from 'osc-trainer/sdk';

export const options = z.strictObject({
  hidden_mult: z.number().positive().default(2).describe("hidden width of the slots' MLP over embed_dim"),
  num_iters: z.int().positive().default(3).describe('iterations'),
  gradient: z
    .enum(['all', 'last'])
    .default('all')
    .describe(
      'iterations that are back-propagated through; last = the last one, and from its slots straight to the queries',
    ),
  eps: z
    .number()
    .nonnegative()
    .default(1e-8)
    .describe('added to the attention before it is normalised over tokens: a slot that wins none stays finite'),
});

export type SlotAttentionOptions = z.infer<typeof options>;
