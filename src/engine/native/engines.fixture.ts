/** What the tests of our own engines share: the engines, random tensors, and comparison with the `cpu` backend. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { RandomSource } from '../../sdk/random';
import { loadAddon } from './addon';
import type { EngineBackend } from './backend';
import { installBackend } from './install-backend';
import { BACKEND_NAME, prepareNative } from './native';
import { usableForms, type Form } from '../wasm/forms';
import { WasmLibrary } from '../wasm/module';

/** An engine with one of its instruction sets. */
export interface Variant {
  readonly name: string;
  readonly backendName: string;
  /** Makes it the current backend, with so many threads. */
  use(threads: number): Promise<void>;
}

const native = (instructionSet: string): Variant => ({
  name: `native ${instructionSet}`,
  backendName: BACKEND_NAME,
  async use(threads) {
    if (tf.findBackendFactory(BACKEND_NAME) === null) await prepareNative({ threads });
    loadAddon().init(threads, instructionSet);
    await tf.setBackend(BACKEND_NAME);
  },
});

const wasm = (form: Form): Variant => {
  const backendName = `test-wasm-${form}`;
  let library: WasmLibrary | undefined;
  return {
    name: `wasm ${form}`,
    backendName,
    async use(threads) {
      library ??= new WasmLibrary(form);
      await library.setThreads(threads);
      installBackend(backendName, library, Infinity);
      await tf.setBackend(backendName);
    },
  };
};

/** Each with every instruction set that this processor, or this Node, has. */
export const VARIANTS: readonly Variant[] = [...loadAddon().instructionSets().map(native), ...usableForms().map(wasm)];
/** For `describe.each`. */
export const NAMED_VARIANTS = VARIANTS.map((variant) => [variant.name, variant] as const);

export const backendOf = (): EngineBackend => tf.backend() as EngineBackend;

/**
 * How properties are run: few times in `npm test`. The seed is fixed, as a function with a kink (a point between two
 * clusters) may differ there by more than rounding.
 */
export const CHECKS = {
  numRuns: process.env['CI'] === 'true' ? 200 : 25,
  seed: Number(process.env['OSC_TEST_SEED'] ?? 1),
};

jest.setTimeout(60_000 + 1000 * CHECKS.numRuns); // a run goes through every variant

/** What a tensor is made of, on whichever backend. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export const tensorOf = ({ shape, data }: Values): tf.Tensor => tf.tensor(data.slice(), [...shape]);

/** Normal values: a function of `seed`. */
export function normals(seed: number) {
  const random = new RandomSource(seed);
  let draws = 0;
  return (shape: readonly number[], scale = 1): Values => {
    const data = random.stream('values', draws++).normals(tf.util.sizeFromShape([...shape]));
    return { shape, data: data.map((value) => value * scale) };
  };
}

export type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

const cotangentOf = (size: number): Float32Array => new RandomSource(3).stream('cotangent').normals(size);

/** The value of `f`, then the gradient of `<f, cotangent>` by each input, on the current backend. */
export function differentiate(f: Op, inputs: readonly Values[]): Float32Array[] {
  const results: Float32Array[] = [];
  tf.tidy(() => {
    const inner = (...xs: tf.Tensor[]): tf.Tensor => {
      const value = f(...xs);
      results.push(value.dataSync<'float32'>());
      return tf.sum(tf.mul(value, tf.tensor(cotangentOf(value.size), value.shape)));
    };
    const gradients = tf.grads(inner)(inputs.map(tensorOf));
    for (const x of gradients) results.push(x.dataSync<'float32'>());
  });
  return results;
}

// jest looks globals up by name in its sandbox: of millions of numbers that was half of a test's time
const { isFinite } = Number;
const { abs, max } = Math;

/**
 * Equal but for rounding, relative to the largest of `expected`; what is not finite is equal.
 *
 * @param floor of that largest: below, values are what terms that cancel out leave
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = '',
  floor = 0.1,
): void {
  let largest = floor;
  for (let i = 0; i < expected.length; i++) {
    if (isFinite(expected[i]!)) largest = max(largest, abs(expected[i]!));
  }
  const wrong: string[] = actual.length === expected.length ? [] : [`length ${actual.length}, not ${expected.length}`];
  for (let i = 0; i < expected.length && wrong.length < 5; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    const close = isFinite(e) ? abs(a - e) <= tolerance * largest : Object.is(a, e);
    if (!close) wrong.push(`[${i}] ${a}, not ${e}`);
  }
  if (wrong.length > 0) throw new Error(`${what}: ${wrong.join('; ')} (largest ${largest})`);
}

/**
 * The slope of `<f, cotangent>` along a random direction of each input, by central differences whose sums are made in
 * float64, beside the one that the gradients say.
 */
export function slopes(f: Op, inputs: readonly Values[], step = 1e-2): { measured: number[]; derived: number[] } {
  const [value, ...gradients] = differentiate(f, inputs);
  const cotangent = cotangentOf(value!.length);
  const at = (moved: readonly Values[]): number => {
    let total = 0;
    tf.tidy(() => {
      f(...moved.map(tensorOf))
        .dataSync<'float32'>()
        .forEach((y, i) => (total += y * cotangent[i]!));
    });
    return total;
  };
  const measured: number[] = [];
  const derived: number[] = [];
  inputs.forEach((input, index) => {
    const direction = new RandomSource(index).stream('direction').normals(input.data.length);
    const move = (by: number): Values[] =>
      inputs.map((x, i) => (i === index ? { ...x, data: x.data.map((value, j) => value + by * direction[j]!) } : x));
    measured.push((at(move(step)) - at(move(-step))) / (2 * step));
    derived.push(gradients[index]!.reduce((sum, slope, j) => sum + slope * direction[j]!, 0));
  });
  return { measured, derived };
}

/** Every variant gives what the `cpu` backend does. `results` makes arrays on the current backend. */
export async function expectAsOnCpu(results: () => Float32Array[], tolerance: number, what: string): Promise<void> {
  await tf.setBackend('cpu');
  const expected = results();
  for (const variant of VARIANTS) {
    await variant.use(2);
    results().forEach((values, i) =>
      // gradients are sums of terms of order 1, which may cancel out
      expectClose(values, expected[i]!, tolerance, `${variant.name}, ${what}, result ${i}`, i === 0 ? 0.1 : 1),
    );
  }
}
