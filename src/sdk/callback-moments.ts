/** The moments of a run at which callbacks are called, and what of a callback is none of them. */
import type { Callback } from './contracts/callback';

/** A method of a callback that is called at a moment of the run. */
export type CallbackMoment = Extract<keyof Callback, `on${string}`>;

/** When each is called; the table in docs/plugins.md says the same. */
export const CALLBACK_MOMENTS: Readonly<Record<CallbackMoment, string>> = {
  onStart: 'before the first step of a process; a resumed run has its state',
  onForward: 'outputs and images of a training batch, inside the forward pass; the tensors are gone afterwards',
  onGradients: 'gradients of a step, clipped; may be taken out or replaced',
  onStepEnd: 'a step of the optimizer is done: losses, learning rate, norm of the gradients',
  onEpochEnd: 'an epoch is done and validated: mean losses',
  onEvaluationEnd: 'the evaluators are done: their metrics',
  onEnd: 'training is finished, or stopped to be resumed',
};

/** Methods that are named like a moment and are none: nobody would ever call them. */
export function unknownMoments(callback: object): string[] {
  const names = new Set<string>();
  for (
    let owner = callback;
    owner !== Object.prototype && owner !== null;
    owner = Object.getPrototypeOf(owner) as object
  ) {
    for (const name of Object.getOwnPropertyNames(owner)) names.add(name);
  }
  return [...names].filter((name) => /^on[A-Z]/.test(name) && !(name in CALLBACK_MOMENTS));
}
