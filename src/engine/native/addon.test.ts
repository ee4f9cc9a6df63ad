/** The addon's functions called as they are, where the tests of ops do not come by. */
import { loadAddon } from './addon';

const addon = loadAddon();
const dirty = (length: number): Float32Array => new Float32Array(length).fill(7);

describe.each(addon.instructionSets())('%s', (instructionSet) => {
  beforeAll(() => void addon.init(2, instructionSet));

  test('attention over no columns is zero, and so are its gradients', () => {
    const [q, kv] = [dirty(2 * 3 * 4), new Float32Array(0)];
    const [o, sums] = [dirty(2 * 3 * 4), dirty(2 * 2 * 3)];
    addon.attention(false, 2, 2, 2, 3, 0, 1, q, kv, o, sums);
    expect([...o]).toEqual(Array(24).fill(0));
    expect([...sums]).toEqual(Array(12).fill(-Infinity));
    const dq = dirty(24);
    addon.attentionGrad(false, 2, 2, 2, 3, 0, 1, q, kv, o, dirty(24), sums, dq, new Float32Array(0));
    expect([...dq]).toEqual(Array(24).fill(0));
  });

  test('attention of no rows gives keys and values no gradient', () => {
    const none = (): Float32Array => new Float32Array(0);
    const dkv = dirty(2 * 5 * 8);
    addon.attentionGrad(false, 2, 2, 2, 0, 5, 1, none(), dirty(80), none(), none(), none(), none(), dkv);
    expect([...dkv]).toEqual(Array(80).fill(0));
  });

  test('a logit of -Infinity takes its column out', () => {
    const [o, sums] = [dirty(1), dirty(1)];
    addon.attention(false, 1, 1, 1, 1, 2, 1, Float32Array.of(1), Float32Array.of(-Infinity, 5, 1, 7), o, sums);
    expect([...o]).toEqual([7]);
  });

  test('a copy of more than its result holds is refused', () => {
    const plan = Int32Array.of(2 ** 31 - 1, 1000, 0, 0, 0, 0);
    expect(() => addon.copy(0, 0, plan, dirty(1), dirty(1))).toThrow(/^copy: plan copies more than y holds\.$/);
  });

  test('a message names the op and both shapes', () => {
    const wrong = (): void => addon.softmax(2, 3, 1, dirty(5), dirty(6));
    const message = 'softmax: x must have shape [2, 3, 1], not [5].';
    expect(wrong).toThrow(expect.objectContaining({ name: 'TypeError', message }));
  });
});
