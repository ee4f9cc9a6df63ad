/**
 * Random calls of the C++ kernels: most of a right call with a few of its arguments changed, some with all of them random, and
 * right ones. What they are made of is drawn from one seed.
 */
import { types } from 'node:util';
import { validCall } from './valid-calls.mjs';

/** Mulberry32. */
let state = 0;
export function seed(value) {
  state = value >>> 0;
}
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
export const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];

const shared = new SharedArrayBuffer(4096);
function detached() {
  const array = new Float32Array(8);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}
const SPECIAL = [NaN, Infinity, -Infinity, -0, 3e38, 1e-40];
function floats(length) {
  const odd = below(4) === 0;
  return Float32Array.from({ length }, () => (odd && below(3) === 0 ? pick(SPECIAL) : random() * 4 - 2));
}
const NUMBERS = [
  0,
  1,
  2,
  3,
  7,
  64,
  -1,
  0.5,
  NaN,
  Infinity,
  -Infinity,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 31),
  1e300,
];
/** Makers of arguments that are hardly ever right. Programs may add theirs. */
export const STRANGE = [
  () => undefined,
  () => null,
  () => pick(NUMBERS),
  () => below(200),
  () => pick([true, false]),
  () => pick(['', 'AVX2', 'linear', '7']),
  () => 7n,
  () => Symbol('s'),
  () => ({}),
  () => [1, 2, 3],
  () => () => 1,
  () => floats(below(200)),
  () => Int32Array.from({ length: below(12) }, () => pick([0, 1, 2, 5, -1, 2 ** 31 - 1, below(100)])),
  () => new Float32Array(0),
  () => new Float64Array(below(40)),
  () => new Uint8Array(below(40)),
  () => new BigInt64Array(3),
  () => new DataView(new ArrayBuffer(16)),
  () => new ArrayBuffer(16),
  detached,
  () => new Float32Array(shared, 4 * below(16), below(256)),
  () => new Int32Array(shared, 4 * below(16), below(64)),
  () => new Proxy(new Float32Array(4), {}),
];

/** The right call with one to three arguments changed. */
function mutated(args) {
  const changed = [...args];
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(changed.length + 1);
    const what = below(8);
    if (what === 0) changed.splice(at, 1);
    else if (what === 1) changed.splice(at, 0, pick(STRANGE)());
    else if (what === 2 && types.isFloat32Array(changed[at]) && changed[at].length > 0)
      changed[at] = changed[at].subarray(below(3));
    else if (what === 3) changed[at] = pick(changed);
    else if (what === 4 && typeof changed[at] === 'number') changed[at] += pick([1, -1, 0.5, 64]);
    else changed[at] = pick(STRANGE)();
  }
  return changed;
}

/** A k-means of billions of iterations that never settles is slow, and right. */
function bounded(op, args) {
  if (op === 'kMeans' && typeof args[5] === 'number' && args[5] > 100) args[5] = 100;
  if (op === 'memory' && typeof args[0] === 'number' && args[0] > 2 ** 22 && args[0] <= 2 ** 32) args[0] = 2 ** 22;
  if (op === 'init' && typeof args[0] === 'number' && args[0] > 8 && args[0] <= 256) args[0] = 8;
  return args;
}

export const show = (args) =>
  args
    .map((a) =>
      ArrayBuffer.isView(a)
        ? `${a.constructor.name}(${a.length})`
        : String(typeof a === 'object' ? a && a.constructor.name : a),
    )
    .join(', ');

/** @param tools of valid-calls.mjs, beside those of here; @returns the call, and whether it is right for sure */
function randomCall(op, tools, onlyValid) {
  const valid = validCall(op, { below, pick, floats, ...tools });
  const how = onlyValid ? 0 : below(10);
  let args = valid;
  if (how === 9) args = Array.from({ length: below(26) }, () => pick(STRANGE)());
  else if (how > 2) args = mutated(valid);
  return { args: bounded(op, args), isRight: how <= 2 };
}

/**
 * Calls an op again and again: each call works, finds no memory, or is wrong and throws a TypeError that names the op. Prints
 * how many did what.
 *
 * @param settings.sets instruction sets, for calls of `init`
 * @param settings.valid right calls only
 * @param settings.prepare before call i: hands back the arguments in the place of those drawn, and a check for afterwards
 * @returns the slowest call
 */
export function fuzz(op, f, calls, { sets, valid, prepare = (i, args) => ({ args }) }) {
  const count = { worked: 0, refused: 0, noMemory: 0 };
  const slowest = { seconds: 0, call: '' };
  for (let i = 0; i < calls; i++) {
    const { args: drawn, isRight } = randomCall(op, { sets }, valid);
    const { args, check } = prepare(i, drawn, isRight);
    const start = performance.now();
    try {
      f(...args);
      count.worked++;
    } catch (error) {
      if (error.code === 'ENOMEM') count.noMemory++;
      else if (error instanceof TypeError && error.message.startsWith(`${op}: `) && !isRight) count.refused++;
      else throw new Error(`${op}(${show(drawn)}): ${error}`, { cause: error });
    }
    const seconds = (performance.now() - start) / 1000;
    if (seconds > slowest.seconds) Object.assign(slowest, { seconds, call: `${op}(${show(drawn)})` });
    check?.();
  }
  console.log(JSON.stringify({ op, ...count }));
  return slowest;
}

export const slowestOf = (list) => list.reduce((a, b) => (b.seconds > a.seconds ? b : a));
