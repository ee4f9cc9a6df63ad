/** The engines there are, and the choice among them. */
import { UsageError } from '../sdk/errors';
import { nearNames } from '../util/near-names';
import type { Detection, Engine } from './contract';
import { detectCpu } from './cpu-detection';

/** The name that leaves the choice to osc. */
export const AUTO = 'auto';

/** Every engine, fastest first: `auto` takes the first that is usable. Loading one is left to `prepare`. */
export const ENGINES: readonly Engine[] = [
  {
    name: 'tensorflow',
    summary: 'TensorFlow through tfjs-node, on NVIDIA GPUs; installed by osc engine install tensorflow',
    detect: async () => (await import('./tensorflow/detect.js')).detectTensorflow(),
    prepare: async (options) => (await import('./tensorflow/tensorflow.js')).prepareTensorflow(options),
  },
  {
    name: 'native',
    summary: 'C++ kernels for this processor, on all cores; needs a C++ compiler when osc is installed',
    detect: async () => (await import('./native/addon.js')).detectNative(),
    prepare: async (options) => (await import('./native/native.js')).prepareNative(options),
  },
  {
    name: 'wasm',
    summary: 'The C++ kernels of native as WebAssembly, on all cores; runs wherever Node runs',
    detect: async () => (await import('./wasm/forms.js')).detectWasm(),
    prepare: async (options) => (await import('./wasm/wasm.js')).prepareWasm(options),
  },
  {
    name: 'cpu',
    summary: 'Stock TensorFlow.js without acceleration: slow, the oracle of the tests',
    detect: () => Promise.resolve(detectCpu()),
    prepare: async () => (await import('./cpu.js')).prepareCpu(),
  },
];

export interface DetectedEngine {
  readonly engine: Engine;
  readonly detection: Detection;
}

export function detectEngines(engines: readonly Engine[] = ENGINES): Promise<DetectedEngine[]> {
  return Promise.all(engines.map(async (engine) => ({ engine, detection: await engine.detect() })));
}

/** What `auto` takes. */
export interface AutoChoice {
  readonly engine: Engine;
  /** A phrase, with what was found of the faster ones. */
  readonly why: string;
  /** How to get those: sentences. */
  readonly tips: readonly string[];
}

/**
 * The first usable one.
 *
 * @param detected fastest first
 * @throws UsageError where none is usable
 */
export function pickEngine(detected: readonly DetectedEngine[]): AutoChoice {
  const index = detected.findIndex(({ detection }) => detection.usable && detection.notForAuto === undefined);
  const passed = index === -1 ? detected : detected.slice(0, index);
  const reasons = passed.map(({ engine, detection }) => `${engine.name}: ${detection.notForAuto ?? detection.found}`);
  const tips = passed.flatMap(({ detection: { improve } }) => improve ?? []);
  const chosen = detected[index];
  if (chosen === undefined) throw new UsageError(`No engine is usable here (${reasons.join('; ')}).`, undefined, tips);
  const why = reasons.length === 0 ? 'the fastest engine' : `the fastest that is usable here (${reasons.join('; ')})`;
  return { engine: chosen.engine, why, tips };
}

const auto: Engine = {
  name: AUTO,
  summary: 'The fastest engine that runs on this machine',
  async detect() {
    const { engine, why } = pickEngine(await detectEngines());
    return { usable: true, found: `${engine.name}, ${why}` };
  },
  async prepare(options) {
    const { engine, why, tips } = pickEngine(await detectEngines());
    return { ...(await engine.prepare(options)), why: [`${why}.`, ...tips].join(' ') };
  },
};

/** @throws UsageError for an unknown name, with the nearest one */
export function chooseEngine(name: string): Engine {
  const choices = [auto, ...ENGINES];
  const engine = choices.find((candidate) => candidate.name === name);
  if (engine) return engine;
  const names = choices.map((candidate) => candidate.name);
  const hints = nearNames(name, names).map((near) => `engine.name=${near}`);
  throw new UsageError(`There is no engine "${name}".`, `Engines are ${names.join(', ')}.`, hints);
}
