import { z } from 'osc-trainer/sdk';

const share = z.number().min(0).max(1);

export const options = z.strictObject({
  color: z
    .enum(['affine', 'flat', 'pixel'])
    .default('affine')
    .describe(
      'what a slot may paint: affine = a colour and its slopes down and across, flat = one colour, pixel = any colour at each pixel (then masks need not carry shape, and tile the plane)',
    ),
  decoder: z
    .enum(['broadcast', 'fc'])
    .default('broadcast')
    .describe(
      'where masks come from: broadcast = an MLP of slot and place, fc = a code of the slot times learned images',
    ),
  hidden: z
    .int()
    .positive()
    .default(64)
    .describe('width of the hidden layers of masks and colours; with fc the number of images'),
  cell: z.int().positive().default(4).describe('side of a cell in pixels; the mask in a cell comes from one place'),
  area_entropy: z
    .number()
    .nonnegative()
    .default(0.02)
    .describe("weight of the entropy (nats) of the slots' areas: few large slots instead of many that share a region"),
  area_entropy_from: share.default(0.15).describe('share of training after which that weight begins to rise'),
  area_entropy_over: share.default(0.2).describe('share of training in which it rises, linearly'),
});

export type SlotMixtureOptions = z.infer<typeof options>;
