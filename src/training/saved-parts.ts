/** What a checkpoint has of the parts of training: reading it off them, and giving it back. */
import * as tf from '@tensorflow/tfjs-core';
import { assignWeights } from '../model';
import type { Checkpoint } from '../run';
import { RunError, type SavedTensor } from '../sdk';
import { makeTensor, readTensor } from './callbacks';
import { firstNonFiniteParameter } from './non-finite';
import { trainedParameters } from './step';
import type { TrainerParts } from './trainer-parts';

type Saved = Pick<TrainerParts, 'model' | 'objective' | 'optimizer' | 'callbacks'>;

/**
 * Weights, parameters of losses, and what the optimizer remembers.
 *
 * @param step steps done, for the message
 * @throws RunError where a parameter is not finite: an update can overflow while the losses before it were finite, and such
 *     weights must not push out good ones
 */
export function tensorsOf(
  { model, objective, optimizer }: Saved,
  step: number,
): Pick<Checkpoint, 'model' | 'losses' | 'optimizer'> {
  const broken = firstNonFiniteParameter(trainedParameters({ model, objective }));
  if (broken !== undefined) {
    throw new RunError(`Parameter ${broken} is not finite after step ${step}; no checkpoint was written.`, undefined, [
      'optimizer.start_lr=SMALLER',
    ]);
  }
  return {
    model: readAll(model.namedParameters()),
    losses: readAll(objective.namedParameters()),
    optimizer: readAll(optimizer.state()),
  };
}

/** What callbacks keep and may have changed. */
export function callbacksOf({ callbacks, objective }: Saved): Pick<Checkpoint, 'callbacks' | 'lossWeights'> {
  const lossWeights = Object.fromEntries(Array.from(objective.terms, ([key, { weight }]) => [key, weight]));
  return { callbacks: callbacks.states(), lossWeights };
}

/** @throws UsageError where the checkpoint is of other parts */
export function restoreParts(
  { model, objective, optimizer, callbacks }: Saved,
  checkpoint: Checkpoint & { readonly folder: string },
): void {
  assignWeights(model.namedParameters(), checkpoint.model, checkpoint.folder);
  assignWeights(objective.namedParameters(), checkpoint.losses, checkpoint.folder);
  const state = new Map(Array.from(checkpoint.optimizer, ([name, tensor]) => [name, makeTensor(tensor)]));
  optimizer.loadState(state);
  tf.dispose([...state.values()]);
  callbacks.restore(checkpoint.callbacks);
  for (const [key, weight] of Object.entries(checkpoint.lossWeights)) {
    const term = objective.terms.get(key);
    if (term !== undefined) term.weight = weight;
  }
}

function readAll(tensors: ReadonlyMap<string, tf.Tensor>): Map<string, SavedTensor> {
  return new Map(Array.from(tensors, ([name, tensor]) => [name, readTensor(tensor)]));
}
