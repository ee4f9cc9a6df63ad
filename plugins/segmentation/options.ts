import { z } from 'osc-trainer/sdk';

export const options = z.strictObject({
  attention: z
    .enum(['first', 'last'])
    .default('first')
    .describe('whose attention is measured: that of the first iteration (or block), as in the reference, or the last'),
  images_without_objects: z
    .enum(['skip', 'nan'])
    .default('skip')
    .describe(
      'an image without a visible object is left out of the means, or makes IoU and Dice NaN as in the reference',
    ),
  baselines: z
    .boolean()
    .default(true)
    .describe('whether blind baselines, the ceiling at the token grid and the untrained model are measured too'),
});

export type SegmentationOptions = z.infer<typeof options>;
