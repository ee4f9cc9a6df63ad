/** The addon's functions called as they are, where the tests of ops do not come by. */
import { loadAddon, nativeLibrary } from './addon';

const addon = loadAddon();
const dirty = (length: number): Float32Array => new Float32Array(length).fill(7);

test('the end of memory is an error for people', () => {
  const library = nativeLibrary(addon, { threads: 1, instructionSet: addon.instructionSets()[0]! });
  expect(() => library.memory(5 * 2 ** 30)).toThrow(
    expect.objectContaining({
      name: 'RunError',
      message: expect.stringMatching(/^The engine native has no memory for 5120 MB more\./),
    }) as Error,
  );
});

describe.each(addon.instructionSets())('%s', (instructionSet) => {
  beforeAll(() => void addon.init(2, instructionSet));

  test('attention over no columns is zero, and so are its gradients', () => {
    const [q, kv] = [dirty(2 * 3 * 4), new Float32Array(0)];
    const [o, sums] = [dirty(2 * 3 * 4), dirty(2 * 2 * 3)];
    addon.crossAttention(2, 2, 2, 3, 0, 1, q, kv, o, sums);
    expect([...o]).toEqual(Array(24).fill(0));
    expect([...sums]).toEqual(Array(12).fill(-Infinity));
    const dq = dirty(24);
    addon.crossAttentionGrad(2, 2, 2, 3, 0, 1, q, kv, o, dirty(24), sums, dq, new Float32Array(0));
    expect([...dq]).toEqual(Array(24).fill(0));
  });

  test('attention of no rows gives keys and values no gradient', () => {
    const none = (): Float32Array => new Float32Array(0);
    const dkv = dirty(2 * 5 * 8);
    addon.crossAttentionGrad(2, 2, 2, 0, 5, 1, none(), dirty(80), none(), none(), none(), none(), dkv);
    expect([...dkv]).toEqual(Array(80).fill(0));
  });

  test('a logit of -Infinity takes its column out', () => {
    const [o, sums] = [dirty(1), dirty(1)];
    addon.crossAttention(1, 1, 1, 1, 2, 1, Float32Array.of(1), Float32Array.of(-Infinity, 5, 1, 7), o, sums);
    expect([...o]).toEqual([7]);
  });

  // small logits are not compared with their maximum: see small_logits
  test.each([0.3, 5, 40])('attention over any number of columns, inputs of about %f', (size) => {
    for (const columns of [1, 5, 16, 47, 64, 70, 129]) {
      const [rows, depth] = [7, 5];
      const numbers = (length: number, by: number): Float32Array =>
        Float32Array.from({ length }, (_, i) => size * Math.sin(by * (i + 1)));
      const [q, kv] = [numbers(rows * depth, 1.3), numbers(columns * 2 * depth, 0.7)];
      const [o, sums] = [dirty(rows * depth), dirty(rows)];
      addon.crossAttention(1, 1, depth, rows, columns, 0.5, q, kv, o, sums);
      for (let i = 0; i < rows; i++) {
        const logits = Array.from({ length: columns }, (_, j) => {
          let product = 0;
          for (let c = 0; c < depth; c++) product += q[i * depth + c]! * kv[j * 2 * depth + c]!;
          return 0.5 * product;
        });
        const most = Math.max(...logits);
        const terms = logits.map((logit) => Math.exp(logit - most));
        const total = terms.reduce((sum, term) => sum + term, 0);
        expect(Math.abs(sums[i]! - (most + Math.log(total)) / Math.LN2)).toBeLessThan(1e-5 * (1 + Math.abs(most)));
        for (let c = 0; c < depth; c++) {
          const expected = terms.reduce((sum, term, j) => sum + (term / total) * kv[j * 2 * depth + depth + c]!, 0);
          expect(Math.abs(o[i * depth + c]! - expected)).toBeLessThan(2e-6 * size * (1 + Math.abs(most)));
        }
      }
    }
  });

  test('an infinite or missing logit spoils its row alone, beside rows of any size', () => {
    const [columns, rows] = [16, 3];
    const kv = Float32Array.from({ length: 2 * columns }, (_, i) => i % 5);
    const [o, sums] = [dirty(rows), dirty(rows)];
    addon.crossAttention(1, 1, 1, rows, columns, 1, Float32Array.of(NaN, Infinity, 2), kv, o, sums);
    expect([...o].map(Number.isNaN)).toEqual([true, true, false]);
  });

  test('a copy of more than its result holds is refused', () => {
    const plan = Int32Array.of(2 ** 31 - 1, 1000, 0, 0, 0, 0);
    expect(() => addon.copy(0, 0, plan, dirty(1), dirty(1))).toThrow(/^copy: plan copies more than y holds\.$/);
  });

  test('a message names the kernel and both shapes', () => {
    const wrong = (): void => addon.softmax(2, 3, 1, dirty(5), dirty(6));
    const message = 'softmax: x must have shape [2, 3, 1], not [5].';
    expect(wrong).toThrow(expect.objectContaining({ name: 'TypeError', message }));
  });
});
