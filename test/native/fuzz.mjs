/**
 * Calls every function of the addon with random arguments (random-calls.mjs). Whatever they are, a call works or throws a
 * TypeError that names the op.
 *
 * Usage: node test/native/fuzz.mjs ADDON [--calls 10000] [--seed 1] [--only OP] [--valid]; prints the number of calls that
 * worked. `npm run fuzz:native` does it under AddressSanitizer.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { below, fuzz, seed, slowestOf, STRANGE } from './random-calls.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    calls: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    valid: { type: 'boolean', default: false },
  },
});
const addon = createRequire(import.meta.url)(path.resolve(positionals[0]));
const calls = Number(values.calls);

const sets = addon.instructionSets();
seed(Number(values.seed));
const region = addon.memory(1 << 16);
STRANGE.push(() => new Float32Array(region, 4 * below(64), below(1024)));
const ops = Object.keys(addon).filter((name) => typeof addon[name] === 'function');

addon.init(3, sets[0]);
const callsOfASet = Math.ceil(calls / sets.length);
const prepare = (i, args) => {
  if (i % callsOfASet === 0) addon.init(3, sets[i / callsOfASet]);
  return { args };
};
const slowest = (values.only ? [values.only] : ops).map((op) =>
  fuzz(op, addon[op], calls, { sets, valid: values.valid, prepare }),
);
console.log(JSON.stringify({ slowest: slowestOf(slowest) }));
