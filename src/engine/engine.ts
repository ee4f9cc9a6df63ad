/** An engine is a tfjs backend and how to prepare it (DESIGN 7). Model and plugins never ask which one runs. */
import { distance } from 'fastest-levenshtein';
import { UsageError } from '../sdk/errors';

/** What runs, for the log and `environment.json`. */
export interface EngineInfo {
  readonly name: string;
  readonly threads: number;
  /** The device in words. */
  readonly device: string;
}

export interface Engine {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Loads the backend and makes it tfjs's current one. */
  prepare(): Promise<EngineInfo>;
}

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
  const nearest = names.reduce((a, b) => (distance(name, a) <= distance(name, b) ? a : b));
  throw new UsageError(`There is no engine ${name}.`, `Engines are ${names.join(', ')}.`, [`engine.name=${nearest}`]);
}
