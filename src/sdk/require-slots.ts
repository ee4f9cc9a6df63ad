import type * as tf from '@tensorflow/tfjs-core';
import type { ModelOutputs } from './contracts/model';
import { UsageError } from './errors';

/**
 * Slots and their projections `[2B, S, C]`, for a loss that needs them.
 *
 * @param loss its name, for the message
 * @throws UsageError when the architecture has no slots
 */
export function requireSlots(
  loss: string,
  { fSlots, pSlots }: Pick<ModelOutputs, 'fSlots' | 'pSlots'>,
): { fSlots: tf.Tensor3D; pSlots: tf.Tensor3D } {
  if (fSlots && pSlots) return { fSlots, pSlots };
  throw new UsageError(`The loss ${loss} needs slots, and the architecture has none.`, undefined, [
    'losses/l_objects=none',
    'model=vit_obj_global',
  ]);
}
