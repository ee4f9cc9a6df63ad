import { z } from 'osc-trainer/sdk';

export const options = z.strictObject({
  k: z.int().positive().default(20).describe('neighbours of an image that are asked'),
  temperature: z
    .number()
    .positive()
    .default(0.07)
    .describe('the vote of a neighbour weighs exp(cosine similarity / temperature)'),
});

export type KnnOptions = z.infer<typeof options>;
