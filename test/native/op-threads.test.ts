/** Each C++ kernel alone gives the same bytes with any number of threads. */
import { createHash } from 'node:crypto';
import { loadAddon } from '../../src/engine/native/addon';
import { KERNEL_NAMES, type Argument, type KernelFunction, type KernelName } from '../../src/engine/native/library';
import { usableForms, type Form } from '../../src/engine/wasm/forms';
import { WasmLibrary } from '../../src/engine/wasm/module';
import { PIECES_CALLS, type PiecesCall } from './pieces-calls';

const THREADS = [1, 2, 4, 7];
/** Who computes which piece differs from time to time. */
const TIMES = 2;

/** An engine's kernels of one instruction set. */
interface Kernels {
  readonly functions: Readonly<Record<KernelName, KernelFunction>>;
  setThreads(threads: number): Promise<void>;
  /** Forgets the arrays that `floats` has given. */
  reset(): void;
  /** Where the kernels can read and write. */
  floats(length: number): Float32Array;
}

function native(instructionSet: string): Kernels {
  const addon = loadAddon();
  return {
    functions: addon,
    setThreads: (threads) => Promise.resolve(void addon.init(threads, instructionSet)),
    reset: () => undefined,
    floats: (length) => new Float32Array(length),
  };
}

function wasm(form: Form): Kernels {
  const library = new WasmLibrary(form);
  const region = library.memory(2 ** 25);
  let used = 0;
  return {
    functions: library.kernels,
    setThreads: (threads) => library.setThreads(threads),
    reset: () => (used = 0),
    floats(length) {
      const array = new Float32Array(region.buffer, region.byteOffset + used, length);
      used += Math.ceil(length / 16) * 64;
      return array;
    },
  };
}

/** The hash of what the call writes; `before` lies in results. */
function hashOf({ kernel, args }: PiecesCall, kernels: Kernels, before: number): string {
  kernels.reset();
  const results: Float32Array[] = [];
  const actual = args.map((arg): Argument => {
    if (arg === null || typeof arg !== 'object' || arg instanceof Int32Array) return arg;
    const array = kernels.floats(arg.length);
    if (arg instanceof Float32Array) {
      array.set(arg);
      return array;
    }
    array.fill(before);
    results.push(array);
    return array;
  });
  kernels.functions[kernel](...actual);
  const hash = createHash('sha256');
  for (const array of results) hash.update(new Uint8Array(array.slice().buffer));
  return hash.digest('hex');
}

test('every kernel is called', () => {
  expect(new Set(PIECES_CALLS.map(({ kernel }) => kernel))).toEqual(new Set(KERNEL_NAMES));
});

const KERNELS: [string, Kernels][] = [
  ...loadAddon()
    .instructionSets()
    .map((set): [string, Kernels] => [`native ${set}`, native(set)]),
  ...usableForms().map((form): [string, Kernels] => [`wasm ${form}`, wasm(form)]),
];

test.each(KERNELS)('%s: the same bytes with 1, 2, 4 and 7 threads', async (_, kernels) => {
  const hashes = PIECES_CALLS.map(() => new Set<string>());
  for (const threads of THREADS) {
    await kernels.setThreads(threads);
    for (let time = 0; time < TIMES; time++) {
      PIECES_CALLS.forEach((call, i) => hashes[i]!.add(hashOf(call, kernels, 10 * threads + time)));
    }
  }
  await kernels.setThreads(1);
  const differing = PIECES_CALLS.filter((__, i) => hashes[i]!.size !== 1).map(
    ({ kernel, what }) => `${kernel}: ${what}`,
  );
  expect(differing).toEqual([]);
});
