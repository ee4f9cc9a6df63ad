import * as tf from '@tensorflow/tfjs-core';
import type { BatchOutputs, LossInputs } from '../contracts/loss';
import type { ModelOutputs } from '../contracts/model';

/**
 * What a loss reads, of the outputs that a test is about. Those left out are null, images have one pixel, and metrics that
 * are logged go nowhere.
 */
export function lossInputs(
  outputs: Readonly<Partial<Record<Exclude<keyof ModelOutputs, 'attention'>, tf.Tensor | null>>>,
  batch: Partial<Omit<BatchOutputs, 'outputs'>> & Pick<Partial<LossInputs>, 'log'> = {},
): LossInputs {
  const none = { fBackbone: null, fGlobal: null, pGlobal: null, fSlots: null, pSlots: null };
  return {
    outputs: { ...none, ...outputs } as ModelOutputs,
    // made only where a loss asks for it
    get images() {
      return batch.images ?? tf.tensor4d([], [0, 3, 1, 1]);
    },
    mode: batch.mode ?? { training: true, step: 0 },
    log: batch.log ?? (() => undefined),
  };
}
