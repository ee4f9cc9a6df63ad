import * as tf from '@tensorflow/tfjs-core';
import type { Callback, CallbackState, TrainingRun } from 'osc-trainer/sdk';
import { component, inject, OPTIONS, z } from 'osc-trainer/sdk';

const schema = z.strictObject({
  decay: z.number().min(0).lt(1).default(0.999).describe('part of the averages that a step keeps'),
  warm_up: z
    .boolean()
    .default(true)
    .describe(
      'of the first steps less is kept, min(decay, (1 + n) / (10 + n)) in step n, so that the start is forgotten',
    ),
});

const stateSchema = z.strictObject({ updates: z.int().nonnegative() });

/** Names of another set of the model's weights in a callback's state. */
const PREFIX = 'weights.';

/** Own parameters of losses are no part of the model. */
const isOfModel = (name: string): boolean => !name.startsWith('losses.');

/** Averages of the model's parameters over the steps, exponentially weighted; trained are the parameters themselves. */
@component({
  kind: 'callback',
  name: 'ema',
  summary: 'Averages the weights over the steps, for tests and exports',
  options: schema,
  reference: 'B. Polyak and A. Juditsky, Acceleration of stochastic approximation by averaging, 1992',
})
export class Ema implements Callback {
  /** One a parameter. */
  readonly #averages = new Map<string, tf.Tensor>();
  /** Steps that are averaged. */
  #updates = 0;

  constructor(@inject(OPTIONS) private readonly options: z.infer<typeof schema>) {}

  /** The averages start as the weights that training starts from. @throws Error where those that were kept are of another model */
  onStart({ parameters }: TrainingRun): void {
    const names = [...parameters.keys()].filter(isOfModel);
    if (this.#averages.size === 0) {
      // a product, and no clone: an optimizer may update the numbers of a parameter where they are
      for (const name of names)
        this.#averages.set(
          name,
          tf.tidy(() => tf.mul(parameters.get(name)!, 1)),
        );
    }
    const missing = names.find((name) => !this.#averages.has(name));
    if (missing !== undefined) throw new Error(`There is no average of ${missing}: another model was averaged.`);
  }

  onStepEnd({ parameters }: TrainingRun): void {
    const rest = 1 - this.#decay();
    for (const [name, average] of this.#averages) {
      this.#averages.set(
        name,
        tf.tidy(() => tf.add(average, tf.mul(tf.sub(parameters.get(name)!, average), rest))),
      );
      average.dispose();
    }
    this.#updates += 1;
  }

  /** As `tf.train.ExponentialMovingAverage` with `num_updates` has it. */
  #decay(): number {
    const { decay, warm_up: warmUp } = this.options;
    return warmUp ? Math.min(decay, (1 + this.#updates) / (10 + this.#updates)) : decay;
  }

  state(): CallbackState {
    const tensors = new Map(Array.from(this.#averages, ([name, average]) => [PREFIX + name, average]));
    return { values: { updates: this.#updates }, tensors };
  }

  loadState({ values, tensors = new Map() }: CallbackState): void {
    const { updates } = stateSchema.parse(values);
    this.dispose();
    this.#updates = updates;
    for (const [name, tensor] of tensors) this.#averages.set(name.slice(PREFIX.length), tf.clone(tensor));
  }

  dispose(): void {
    tf.dispose([...this.#averages.values()]);
    this.#averages.clear();
  }
}
