/** The callbacks of a run: called in their order, each error told with the name of the one that threw. */
import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { type CallbackStates, WEIGHTS_PREFIX } from '../run';
import {
  isReportedError,
  UsageError,
  type Callback,
  type CallbackMoment,
  type CallbackState,
  type Logger,
  type SavedTensor,
} from '../sdk';
import { PluginError } from '../sdk/errors';
import { awaitForeign, patchedPrototypes } from '../util/foreign-code';
import { messageOf } from '../util/thrown';

/** A callback as the config names it. */
export interface NamedCallback {
  readonly name: string;
  readonly callback: Callback;
  /** Package of a third party; null for a callback of the box, whose errors are bugs of osc. */
  readonly packageName: string | null;
}

type Arguments<M extends CallbackMoment> = Parameters<NonNullable<Callback[M]>>;

export class Callbacks {
  /** All but the observers that failed. */
  #active: readonly NamedCallback[];

  constructor(
    private readonly callbacks: readonly NamedCallback[],
    private readonly logger: Logger,
  ) {
    this.#active = callbacks;
  }

  get names(): string[] {
    return this.callbacks.map(({ name }) => name);
  }

  /** Waits for each before it calls the next. @throws PluginError for what one of a third party throws */
  async call<M extends CallbackMoment>(moment: M, ...args: Arguments<M>): Promise<void> {
    for (const one of this.#active) {
      try {
        await awaitForeign(describeMoment(one, moment), () => this.#invoke(one, moment, args));
        refusePatches(one);
      } catch (error) {
        this.#failed(one, moment, error);
      }
    }
  }

  /** For moments inside a step, which wait for nothing. @throws as {@link call} */
  callNow<M extends 'onForward' | 'onGradients'>(moment: M, ...args: Arguments<M>): void {
    for (const one of this.#active) {
      try {
        const result = this.#invoke(one, moment, args);
        refusePatches(one);
        if (!(result instanceof Promise)) continue;
        result.catch(() => undefined); // it is an error already
        throw new Error('It returns a promise, and a step waits for nothing.');
      } catch (error) {
        this.#failed(one, moment, error);
      }
    }
  }

  #invoke<M extends CallbackMoment>({ callback }: NamedCallback, moment: M, args: Arguments<M>): void | Promise<void> {
    const method = callback[moment] as ((...args: Arguments<M>) => void | Promise<void>) | undefined;
    return method?.apply(callback, args);
  }

  /** An observer is left out from now on. @throws for any other */
  #failed(one: NamedCallback, moment: string, error: unknown): void {
    const { name, callback, packageName } = one;
    const message = messageOf(error);
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

  /** What all keep; the tensors are read. @throws as {@link call}, also for what a checkpoint cannot hold */
  states(): CallbackStates {
    const values: Record<string, Readonly<Record<string, unknown>>> = {};
    const tensors = new Map<string, SavedTensor>();
    for (const one of this.#active) {
      try {
        const state = one.callback.state?.();
        if (state === undefined) continue;
        checkSavable(state);
        const read = Array.from(state.tensors ?? [], ([key, tensor]) => [key, readTensor(tensor)] as const);
        for (const [key, tensor] of read) tensors.set(`${one.name}/${key}`, tensor);
        if (state.values !== undefined) values[one.name] = state.values;
      } catch (error) {
        this.#failed(one, 'state', error);
      }
    }
    // a copy: callbacks go on changing what they gave
    return { values: structuredClone(values), tensors };
  }

  /** Gives each what it kept; one that was left out, and kept nothing, starts anew. @throws UsageError for one that cannot take it */
  restore({ values, tensors }: CallbackStates): void {
    for (const { name, callback } of this.#active) {
      const own = [...tensors].filter(([key]) => key.startsWith(`${name}/`));
      if (own.length === 0 && values[name] === undefined) continue;
      const loaded = new Map(own.map(([key, tensor]) => [key.slice(name.length + 1), makeTensor(tensor)]));
      try {
        callback.loadState?.({ values: values[name] ?? {}, tensors: loaded });
      } catch (error) {
        const what = `The callback ${name} cannot go on from what it kept: ${messageOf(error)}`;
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
    throw new UsageError(
      `No callback named ${name} keeps weights.`,
      `The callbacks of this run: ${this.names.join(', ')}.`,
      ['osc plugins list --kind callback'],
    );
  }

  dispose(): void {
    for (const { callback } of this.callbacks) callback.dispose?.();
  }
}

/** @throws Error for what would change every loop over keys, in osc and in what it uses */
function refusePatches({ packageName }: NamedCallback): void {
  const patches = packageName === null ? [] : patchedPrototypes();
  if (patches.length > 0) throw new Error(`It changes what all objects have: ${patches.join(', ')}.`);
}

function describeMoment({ name, packageName }: NamedCallback, moment: CallbackMoment): string {
  return `the callback ${name}${packageName === null ? '' : ` of ${packageName}`}, in ${moment}`;
}

/** @throws Error for what would not come back as it was */
function checkSavable({ values = {}, tensors = new Map() }: CallbackState): void {
  const returned: unknown = JSON.parse(JSON.stringify(values));
  if (!isDeepStrictEqual(returned, values)) {
    throw new Error('Its values hold what JSON does not give back as it was (NaN, undefined, a Map, …).');
  }
  for (const [name, { dtype }] of tensors) {
    if (dtype !== 'float32') throw new Error(`Its tensor "${name}" should be float32, and is ${dtype}.`);
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
