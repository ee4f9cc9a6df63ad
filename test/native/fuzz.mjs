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
import { below, randomCall, seed, show, STRANGE } from './random-calls.mjs';
import { VALID } from './valid-calls.mjs';

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
const missing = ops.filter((name) => !VALID[name]);
if (missing.length > 0) throw new Error(`valid-calls.mjs has no call of ${missing.join(', ')}.`);
const slowest = { seconds: 0, call: '' };

addon.init(3, sets[0]);
for (const op of values.only ? [values.only] : ops) {
  const count = { worked: 0, refused: 0, noMemory: 0 };
  for (let i = 0; i < calls; i++) {
    if (i % Math.ceil(calls / sets.length) === 0) addon.init(3, sets[Math.floor(i / Math.ceil(calls / sets.length))]);
    const { args, isRight } = randomCall(op, { sets }, values.valid);
    const start = performance.now();
    try {
      addon[op](...args);
      count.worked++;
    } catch (error) {
      if (error.code === 'ENOMEM') count.noMemory++;
      else if (error instanceof TypeError && error.message.startsWith(`${op}: `) && !isRight) count.refused++;
      else throw new Error(`${op}(${show(args)}): ${error}`, { cause: error });
    }
    const seconds = (performance.now() - start) / 1000;
    if (seconds > slowest.seconds) Object.assign(slowest, { seconds, call: `${op}(${show(args)})` });
  }
  console.log(JSON.stringify({ op, ...count }));
}
console.log(JSON.stringify({ slowest }));
