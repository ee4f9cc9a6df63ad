import * as tf from '@tensorflow/tfjs-core';
import type { Model } from '../model';
import { isReportedError, UsageError } from '../sdk';

/**
 * Not every kind of queries can give another number of slots than it was trained with.
 *
 * @param command for the message
 * @throws UsageError where they cannot, and for a model without slots
 */
export function tryNumObjects(model: Model, numObjects: number, command: string): void {
  const hints = [`${command} without --num-objects`];
  if (!model.usesObjects) {
    throw new UsageError(
      '--num-objects is a number of slots, and the model has none.',
      'Its architecture does not use objects.',
      hints,
    );
  }
  try {
    tf.tidy(() => {
      const [height, width] = model.dimensions.imageSize;
      model.forward(tf.zeros([1, 3, height, width]), { training: false, step: 0 }, numObjects);
    });
  } catch (error) {
    // what the queries propose is for a model that is yet to be trained
    throw isReportedError(error) ? new UsageError(error.what, error.why, hints, { cause: error }) : error;
  }
}
