import type { LrScheduler } from 'osc-trainer/sdk';
import type { Adapter } from '../adapter';
import { relative } from '../compare';

interface Config {
  start_lr: number;
  end_lr: number;
  warmup_steps: number;
  decay_steps: number;
  batches_per_epoch: number;
}

export const lrScheduler: Adapter = {
  components: ['LinearWarmupCosineAnneal'],
  knows: {
    config: ['start_lr', 'end_lr', 'warmup_steps', 'decay_steps', 'batches_per_epoch', 'max_samples', 'batch_size'],
    tensors: [],
    scalars: ['lr_used_at_step', 'max_abs_diff_to_closed_form'],
  },
  async run(fixture, { registry }) {
    const config = fixture.config as unknown as Config;
    const scheduler = await registry.create<LrScheduler>('lr_scheduler', 'cosine', {
      options: { epochs: config.decay_steps / config.batches_per_epoch, end_lr: config.end_lr },
    });
    const plan = {
      startLr: config.start_lr,
      warmupSteps: config.warmup_steps,
      stepsPerEpoch: config.batches_per_epoch,
    };
    const recorded = fixture.scalars['lr_used_at_step'] as number[];
    return recorded.map((lr, step) =>
      relative(`lr of step ${step}`, [scheduler.learningRate(step, plan)], [lr], 1e-12),
    );
  },
};
