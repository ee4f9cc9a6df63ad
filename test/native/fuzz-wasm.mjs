/**
 * Calls every kernel of the engine wasm, from `dist`, with random arguments (random-calls.mjs). Whatever they are, a call works
 * or throws a TypeError that names the op, and writes nothing beside the arrays that it was given.
 *
 * Usage: node test/native/fuzz-wasm.mjs [--calls 10000] [--seed 1] [--only OP] [--form FORM] [--valid]
 */
import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { parseArgs, types } from 'node:util';
import { below, fuzz, seed, show, slowestOf } from './random-calls.mjs';
import { KERNEL_NAMES } from './valid-calls.mjs';

const require = createRequire(import.meta.url);
const { usableForms } = require('../../dist/engine/wasm/forms.js');
const { WasmLibrary } = require('../../dist/engine/wasm/module.js');

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    form: { type: 'string', default: usableForms()[0] },
    valid: { type: 'boolean', default: false },
  },
});
const calls = Number(values.calls);
seed(Number(values.seed));
const library = new WasmLibrary(values.form);
await library.setThreads(3);

const REGION_BYTES = 2 ** 25;
const GUARD_BYTES = 128;
const GUARD = 0xa5;
const region = library.memory(REGION_BYTES);
const bytes = new Uint8Array(region.buffer, region.byteOffset, REGION_BYTES);

function isDetached(buffer) {
  try {
    return !new Uint8Array(buffer);
  } catch {
    return true;
  }
}

/**
 * The call with its arrays in the engine's memory, between guards. Arrays that share memory do so there, too. Some of a
 * call that may be wrong stay where they are.
 */
function placed(args, isRight) {
  bytes.fill(GUARD, 0, used);
  used = GUARD_BYTES;
  const taken = [[0, used]];
  const places = new Map();
  const placeOf = (buffer) => {
    const at = places.get(buffer);
    if (at !== undefined || used + buffer.byteLength + 2 * GUARD_BYTES > REGION_BYTES) return at;
    const here = used;
    places.set(buffer, here);
    bytes.set(new Uint8Array(buffer), here);
    used += buffer.byteLength;
    const end = Math.ceil(used / 64) * 64 + GUARD_BYTES;
    taken.push([used, end]);
    used = end;
    return here;
  };
  const moved = args.map((arg) => {
    if (!types.isFloat32Array(arg) || !types.isArrayBuffer(arg.buffer) || isDetached(arg.buffer)) return arg;
    if (!isRight && below(40) === 0) return arg;
    const at = placeOf(arg.buffer);
    return at === undefined
      ? arg
      : new Float32Array(region.buffer, region.byteOffset + at + arg.byteOffset, arg.length);
  });
  return { moved, guards: taken };
}
let used = REGION_BYTES;

const guard = new Uint8Array(2 * GUARD_BYTES).fill(GUARD);
const untouched = (guards) =>
  guards.every(([from, to]) => Buffer.compare(bytes.subarray(from, to), guard.subarray(0, to - from)) === 0);

const slowest = (values.only ? [values.only] : KERNEL_NAMES).map((op) =>
  fuzz(op, library.kernels[op], calls, {
    valid: values.valid,
    prepare: (i, drawn, isRight) => {
      const { moved, guards } = placed(drawn, isRight);
      const check = () => {
        if (!untouched(guards)) throw new Error(`${op}(${show(drawn)}) wrote beside its arrays.`);
      };
      return { args: moved, check };
    },
  }),
);
console.log(JSON.stringify({ slowest: slowestOf(slowest) }));
