/** The engines there are, and the choice among them. */
import { UsageError } from '../sdk/errors';
import { nearNames } from '../sdk/near-names';
import type { Engine } from './contract';

/** The name that leaves the choice to osc. */
export const AUTO = 'auto';

/** Every engine, fastest first: `auto` takes the first. Loading one is left to `prepare`. */
export const ENGINES: readonly Engine[] = [
  {
    name: 'tfjs-wasm',
    summary: 'Stock TensorFlow.js WebAssembly backend with SIMD, one thread; runs wherever Node runs',
    prepare: async () => (await import('./tfjs-wasm.js')).prepareTfjsWasm(),
  },
  {
    name: 'cpu',
    summary: 'Stock TensorFlow.js without acceleration: slow, the oracle of the tests',
    prepare: async () => (await import('./cpu.js')).prepareCpu(),
  },
];

/** @throws UsageError for an unknown name, with the nearest one */
export function chooseEngine(name: string): Engine {
  const engine = name === AUTO ? ENGINES[0] : ENGINES.find((candidate) => candidate.name === name);
  if (engine) return engine;
  const names = [AUTO, ...ENGINES.map((candidate) => candidate.name)];
  const tries = nearNames(name, names).map((near) => `engine.name=${near}`);
  throw new UsageError(`There is no engine "${name}".`, `Engines are ${names.join(', ')}.`, tries);
}
