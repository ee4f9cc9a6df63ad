/** The module's functions called as they are, where the tests of ops do not come by. */
import { KERNEL_NAMES } from '../native/library';
import { usableForms } from './forms';
import { WasmLibrary } from './module';
import { wasm } from './webassembly';

/** Floats in the memory of a library. */
function floatsOf(library: WasmLibrary) {
  const region = library.memory(2 ** 22);
  let used = region.byteOffset;
  return (length: number, value: number): Float32Array => {
    const array = new Float32Array(region.buffer, used, length).fill(value);
    used += 4 * length;
    return array;
  };
}

test('this Node runs both forms', () => {
  expect(usableForms()).toEqual(['relaxed', 'simd']);
});

describe.each(usableForms())('%s', (form) => {
  const library = new WasmLibrary(form);
  const floats = floatsOf(library);
  const { kernels } = library;

  afterAll(() => library.setThreads(1));

  test('has every kernel', () => {
    for (const name of KERNEL_NAMES) expect(() => kernels[name]()).toThrow(new RegExp(`^${name}: .* is missing\\.$`));
  });

  test('computes with any number of threads, one after another', async () => {
    const [x, y] = [floats(200_000, 3), floats(200_000, 0)];
    for (const threads of [1, 3, 2, 5, 1]) {
      await library.setThreads(threads);
      expect(library.threads).toBe(threads);
      for (let i = 0; i < 20; i++) {
        y.fill(0);
        kernels.unary(7, 0, x.length, x, y);
        expect(y.every((value) => value === 9)).toBe(true);
      }
    }
  });

  test('refuses what is wrong, naming the kernel and both shapes', () => {
    const y = floats(6, 0);
    const refused = (message: string): Error => expect.objectContaining({ name: 'TypeError', message }) as Error;
    expect(() => kernels.softmax(2, 3, 1, floats(5, 0), y)).toThrow(
      refused('softmax: x must have shape [2, 3, 1], not [5].'),
    );
    expect(() => kernels.softmax(2, 3, 1, y, y)).toThrow(refused('softmax: a result overlaps another array.'));
    expect(() => kernels.softmax(2, 3, 1, new Int32Array(6), y)).toThrow(
      refused('softmax: x must be a Float32Array, not an Int32Array [6].'),
    );
    expect(() => kernels.softmax(2, 3, '1' as never, floats(6, 0), y)).toThrow(
      refused('softmax: inner must be a number, not something else.'),
    );
    expect(() => kernels.softmax(2, 3, 1, floats(6, 0), y, ...Array<number>(40).fill(1))).toThrow(
      refused('softmax: the call has arguments too many.'),
    );
    kernels.softmax(1, 6, 1, floats(6, 2), y);
    expect([...y]).toEqual(Array(6).fill(Math.fround(1 / 6)));
  });

  test('refuses floats outside of its memory', () => {
    const elsewhere = new Float32Array(new SharedArrayBuffer(24));
    for (const x of [elsewhere, new Float32Array(6)]) {
      expect(() => kernels.softmax(2, 3, 1, x, floats(6, 0))).toThrow(
        'softmax: argument 4 is a Float32Array outside of the engine',
      );
    }
  });

  test('arrays of before its memory grew are good arguments after', () => {
    const [x, y] = [floats(4, 2), floats(4, 0)];
    const region = library.memory(1);
    expect(region.byteOffset % 2 ** 16).toBe(0);
    expect(region.byteLength).toBe(2 ** 16);
    kernels.unary(7, 0, 4, x, y);
    expect([...y]).toEqual([4, 4, 4, 4]);
  });
});

test('the end of memory is an error for people, and kernels without scratch say so', () => {
  const library = new WasmLibrary('simd');
  const floats = floatsOf(library);
  const mb = 2 ** 20;
  for (let i = 0; i < 15; i++) library.memory(256 * mb); // addresses: none of it is touched
  expect(() => library.memory(256 * mb)).toThrow(
    expect.objectContaining({
      name: 'RunError',
      message: expect.stringMatching(
        /^The engine wasm has no memory left: it has 38\d\d MB, and 256 MB more are needed\./,
      ),
    }) as Error,
  );
  const length = 2 ** 17;
  const [x, y] = [floats(length, 1), floats(1, 0)];
  const sum = (): void => library.kernels.reduce(0, 1, length, 1, 1, x, y); // in parts, whose sums are scratch
  for (let left = 128 * mb; left >= 2 ** 16; left /= 2) {
    for (;;) {
      try {
        library.memory(left);
      } catch {
        break;
      }
    }
  }
  expect(sum).toThrow(expect.objectContaining({ code: 'ENOMEM' }) as Error);
  expect(sum).toThrow(expect.objectContaining({ code: 'ENOMEM' }) as Error);
});

test('bytes that are no module are not valid', () => {
  expect(wasm.validate(Uint8Array.of(1, 2, 3))).toBe(false);
});
