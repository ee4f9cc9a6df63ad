import type { LrPlan, LrScheduler } from 'osc-trainer/sdk';
import { OPTIONS, component, inject, z } from 'osc-trainer/sdk';

const options = z.strictObject({
  epochs: z.number().nonnegative().default(40).describe('epochs after the warm-up until the end rate is reached'),
  end_lr: z.number().nonnegative().default(3e-4).describe('learning rate at the end, and from there on'),
});

type Options = z.infer<typeof options>;

/** The rate of step 0 as a part of the start rate. */
const WARMUP_START = 1e-10;

/** Linear warm-up from nearly zero to the start rate, half a cosine to the end rate, then constant. */
@component({
  kind: 'lr_scheduler',
  name: 'cosine',
  summary: 'Linear warm-up, then half a cosine down to the end rate',
  options,
  reference:
    'I. Loshchilov and F. Hutter, SGDR: stochastic gradient descent with warm restarts, 2017 (without restarts); osc/lr_scheduler.py',
})
export class CosineScheduler implements LrScheduler {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  get epochs(): number {
    return this.options.epochs;
  }

  learningRate(step: number, { startLr, warmupSteps, stepsPerEpoch }: LrPlan): number {
    if (step < warmupSteps) return startLr * (WARMUP_START + ((1 - WARMUP_START) * step) / warmupSteps);
    const decaySteps = this.options.epochs * stepsPerEpoch;
    const decayed = step - warmupSteps;
    if (decayed === 0) return startLr;
    if (decayed >= decaySteps) return this.options.end_lr;
    const { end_lr: endLr } = this.options;
    return endLr + ((startLr - endLr) * (1 + Math.cos((Math.PI * decayed) / decaySteps))) / 2;
  }
}
