import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { unknownMoments } from '../../callback-moments';
import type { Callback, CallbackState } from '../../contracts/callback';
import { isReportedError } from '../../errors';
import { assert, assertEqual, assertFinite, assertSame } from '../assert';
import { EVENTS, FakeRun, MOMENT_NAMES, type FakeCheckpoint, type FakeRunOptions } from '../fake-run';
import type { ContractContext } from './context';

/** A state as a checkpoint gives it back. */
interface SavedState {
  readonly values: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, tf.Tensor>;
}

/** @throws Error for what a checkpoint cannot hold */
function savedState(state: CallbackState | undefined): SavedState {
  const values = state?.values ?? {};
  const returned = JSON.parse(JSON.stringify(values)) as Readonly<Record<string, unknown>>;
  assertEqual(returned, values, 'The values of the state after a trip through JSON');
  const tensors = new Map<string, tf.Tensor>();
  for (const [name, tensor] of state?.tensors ?? []) {
    assertEqual(tensor.dtype, 'float32', `The type of the tensor "${name}" of the state`);
    assertFinite(tensor, `The tensor "${name}" of the state`);
    tensors.set(
      name,
      tf.tidy(() => tf.mul(tensor, 1)),
    );
  }
  return { values: returned, tensors };
}

const free = (...maps: readonly ReadonlyMap<string, tf.Tensor>[]): void =>
  maps.forEach((map) => tf.dispose([...map.values()]));

function assertSameTensors(
  a: ReadonlyMap<string, tf.Tensor>,
  b: ReadonlyMap<string, tf.Tensor>,
  what: string,
  circumstances: string,
): void {
  assertEqual([...b.keys()].sort(), [...a.keys()].sort(), `The names of ${what} ${circumstances}`);
  for (const [name, tensor] of a) assertSame(tensor, b.get(name)!, `${what} "${name}"`, circumstances);
}

/** Contract of `callback`. */
export function callbackContract({ dimensions, runner: { it }, make }: ContractContext): void {
  const inFolder = async (body: (options: FakeRunOptions) => Promise<void>): Promise<void> => {
    const dir = await mkdtemp(join(tmpdir(), 'osc-callback-'));
    try {
      await body({ dir, dimensions });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  };

  it('has no method that is named like a moment and is none', async () => {
    const callback = make<Callback>(1);
    const unknown = unknownMoments(callback);
    assert(unknown.length === 0, `It has ${unknown.join(', ')}. The moments of a run are ${MOMENT_NAMES}.`);
    callback.dispose?.();
  });

  it('goes through a run: its gradients fit, its state can be saved, parameters stay alive', () =>
    inFolder(async (options) => {
      const callback = make<Callback>(1);
      const run = new FakeRun(callback, options);
      free(savedState(callback.state?.()).tensors);
      await run.play(0, EVENTS.length);
      await run.end('finished');
      free(savedState(callback.state?.()).tensors);
      for (const [name, parameter] of run.parameters) {
        assert(!parameter.isDisposed, `It disposed the parameter "${name}".`);
        assertFinite(parameter, `The parameter "${name}" after a run`);
      }
      run.dispose();
      callback.dispose?.();
    }));

  /** A run that goes on from its checkpoint after every number of events but none and all. */
  const stops = EVENTS.map((_, i) => i).slice(1);

  it('goes on to the bit after its state is saved and loaded, wherever a run is stopped', () =>
    inFolder(async (options) => {
      const whole = make<Callback>(1);
      const wholeRun = new FakeRun(whole, options);
      await wholeRun.play(0, EVENTS.length);
      const expected = savedState(whole.state?.());
      for (const stop of stops) {
        const { journal, run, callback } = await resumedAt(stop, () => make<Callback>(1), options);
        const circumstances = `of a run that was stopped after ${stop} of ${EVENTS.length} events and resumed`;
        const state = savedState(callback.state?.());
        assertSameTensors(wholeRun.parameters, run.parameters, 'The parameters', circumstances);
        assertEqual(
          Array.from(run.losses, ([key, { weight }]) => [key, weight]),
          Array.from(wholeRun.losses, ([key, { weight }]) => [key, weight]),
          `The weights of losses ${circumstances}`,
        );
        assertEqual(journal, wholeRun.journal, `What it logged and asked for, ${circumstances}`);
        assertEqual(state.values, expected.values, `The values of the state ${circumstances}`);
        assertSameTensors(expected.tensors, state.tensors, 'The tensors of the state', circumstances);
        free(state.tensors);
        run.dispose();
        callback.dispose?.();
      }
      free(expected.tensors);
      wholeRun.dispose();
      whole.dispose?.();
    }));

  it('leaks no tensor', () =>
    inFolder(async (options) => {
      const atStart = tf.memory().numTensors;
      const callback = make<Callback>(1);
      const run = new FakeRun(callback, options);
      const oneEpoch = EVENTS.findIndex(({ step }) => step === undefined) + 1;
      await run.play(0, oneEpoch);
      const before = tf.memory().numTensors;
      await run.play(oneEpoch, 2 * oneEpoch);
      const grown = tf.memory().numTensors - before;
      assert(grown === 0, `A second epoch leaves ${grown} tensors behind.`);
      const state = savedState(callback.state?.());
      callback.loadState?.(state);
      free(state.tensors);
      assertEqual(tf.memory().numTensors, before, 'Tensors after state() and loadState()');
      callback.dispose?.();
      run.dispose();
      const left = tf.memory().numTensors - atStart;
      assert(left === 0, `After dispose() ${left} tensors are left.`);
    }));

  it('works on a model without slots, and where there is nothing to measure or to draw, or says that it cannot', () =>
    inFolder(async (options) => {
      for (const odd of [{ usesObjects: false }, { measures: false }]) {
        const callback = make<Callback>(1);
        const run = new FakeRun(callback, { ...options, ...odd });
        try {
          await run.play(0, EVENTS.length);
          await run.end('stopped');
        } catch (error) {
          if (!isReportedError(error)) throw error;
        }
        run.dispose();
        callback.dispose?.();
      }
    }));
}

/** Plays a run up to `stop`, saves it, and goes on with a fresh callback. */
async function resumedAt(
  stop: number,
  make: () => Callback,
  options: FakeRunOptions,
): Promise<{ journal: readonly string[]; run: FakeRun; callback: Callback }> {
  const before = make();
  const firstRun = new FakeRun(before, options);
  await firstRun.play(0, stop);
  const checkpoint: FakeCheckpoint = firstRun.checkpoint();
  const state = savedState(before.state?.());
  const wasOver = firstRun.hasEnded;
  firstRun.dispose();
  before.dispose?.();

  const callback = make();
  if (Object.keys(state.values).length > 0 || state.tensors.size > 0) callback.loadState?.(state);
  free(state.tensors); // they were to be copied
  const run = new FakeRun(callback, options, checkpoint);
  free(checkpoint.parameters);
  await run.play(stop, wasOver ? stop : EVENTS.length);
  return { journal: [...firstRun.journal, ...run.journal], run, callback };
}
