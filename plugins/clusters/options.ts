import { z } from 'osc-trainer/sdk';

export const options = z.strictObject({
  distance: z
    .enum(['euclidean', 'cosine'])
    .default('euclidean')
    .describe('how far apart tokens are; cosine: by their directions, tokens divided by their lengths'),
  starts: z.int().positive().default(5).describe('k-means of each image, of which the one with the least sum counts'),
  seed: z.int().nonnegative().default(0).describe('seed of the points that k-means starts from'),
  baselines: z
    .boolean()
    .default(true)
    .describe('whether blind baselines, the ceiling at the token grid and the untrained model are measured too'),
});

export type ClustersOptions = z.infer<typeof options>;
