/** The callbacks of a run: called in their order, each error told with the name of the one that threw. */
import * as tf from '@tensorflow/tfjs-core';
import { type CallbackStates, WEIGHTS_PREFIX } from '../run';
import { isReportedError, UsageError, type Callback, type Logger, type SavedTensor } from '../sdk';
import { PluginError } from '../sdk/errors';

/** A callback as the config names it. */
export interface NamedCallback {
  readonly name: string;
  readonly callback: Callback;
  /** Package of a third party; null for a callback of the box, whose errors are bugs of osc. */
  readonly packageName: string | null;
}

/** A moment of a run: the method of a callback that is called. */
type Moment = Exclude<keyof Callback, 'observer' | 'state' | 'loadState'>;
type Arguments<M extends Moment> = Parameters<NonNullable<Callback[M]>>;

export class Callbacks {
  #active: readonly NamedCallback[];

  constructor(
    callbacks: readonly NamedCallback[],
    private readonly logger: Logger,
  ) {
    this.#active = callbacks;
  }

  /** Waits for each before it calls the next. @throws PluginError for what one of a third party throws */
  async call<M extends Moment>(moment: M, ...args: Arguments<M>): Promise<void> {
    for (const one of this.#active) {
      try {
        await this.#invoke(one, moment, args);
      } catch (error) {
        this.#failed(one, moment, error);
      }
    }
  }

  /** For moments inside a step, which wait for nothing. @throws as {@link call} */
  callNow<M extends 'onForward' | 'onGradients'>(moment: M, ...args: Arguments<M>): void {
    for (const one of this.#active) {
      try {
        void this.#invoke(one, moment, args); // these moments return nothing
      } catch (error) {
        this.#failed(one, moment, error);
      }
    }
  }

  #invoke<M extends Moment>({ callback }: NamedCallback, moment: M, args: Arguments<M>): void | Promise<void> {
    const method = callback[moment] as ((...args: Arguments<M>) => void | Promise<void>) | undefined;
    return method?.apply(callback, args);
  }

  #failed(one: NamedCallback, moment: string, error: unknown): void {
    const { name, callback, packageName } = one;
    const message = error instanceof Error ? error.message : String(error);
    if (callback.observer === true) {
      this.logger.warn(`The callback ${name} failed in ${moment} and is left out from now on: ${message}`);
      this.#active = this.#active.filter((other) => other !== one);
      return;
    }
    if (packageName === null || isReportedError(error)) throw error;
    throw new PluginError(
      [packageName],
      `The callback ${name} of ${packageName} failed in ${moment}: ${message}`,
      error,
    );
  }

  /** What all keep; the tensors are read. */
  states(): CallbackStates {
    const values: Record<string, Readonly<Record<string, unknown>>> = {};
    const tensors = new Map<string, SavedTensor>();
    for (const { name, callback } of this.#active) {
      const state = callback.state?.();
      if (state?.values !== undefined) values[name] = state.values;
      for (const [key, tensor] of state?.tensors ?? []) tensors.set(`${name}/${key}`, readTensor(tensor));
    }
    return { values, tensors };
  }

  /** Gives each what it kept, also where that is nothing. @throws UsageError for a callback that cannot take it */
  restore({ values, tensors }: CallbackStates): void {
    for (const { name, callback } of this.#active) {
      const own = [...tensors].filter(([key]) => key.startsWith(`${name}/`));
      const loaded = new Map(own.map(([key, tensor]) => [key.slice(name.length + 1), makeTensor(tensor)]));
      try {
        callback.loadState?.({ values: values[name] ?? {}, tensors: loaded });
      } catch (error) {
        const what = `The callback ${name} cannot go on from what it kept: ${(error as Error).message}`;
        throw new UsageError(what, undefined, [], { cause: error });
      } finally {
        tf.dispose([...loaded.values()]);
      }
    }
  }

  /** The set of weights that a callback keeps, by parameter. @throws UsageError where there is none of that name */
  weightsOf(name: string): ReadonlyMap<string, tf.Tensor> {
    const state = this.#active.find((one) => one.name === name)?.callback.state?.();
    const tensors: ReadonlyMap<string, tf.Tensor> = state?.tensors ?? new Map<string, tf.Tensor>();
    const weights = [...tensors].filter(([key]) => key.startsWith(WEIGHTS_PREFIX));
    if (weights.length > 0) return new Map(weights.map(([key, tensor]) => [key.slice(WEIGHTS_PREFIX.length), tensor]));
    throw new UsageError(`No callback named ${name} keeps weights.`, 'It should be in training.callbacks.', [
      '--plugin ema',
    ]);
  }
}

export function readTensor(tensor: tf.Tensor): SavedTensor {
  // a copy: on an engine that computes in place, what is read may be what is trained
  return { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) };
}

/** float32, or int32 where the file has that. */
export function makeTensor({ shape, data }: SavedTensor): tf.Tensor {
  return tf.tensor(data, [...shape], data instanceof Float32Array ? 'float32' : 'int32');
}
