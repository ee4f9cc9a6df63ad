/** Times the trainer's own step, in this process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource, type Logger } from 'osc-trainer/sdk';
import { openProject } from '../../../src/jobs/project';
import { buildModelTraining } from '../../../src/jobs/train/build-parts';
import { chooseEngine, type EngineInfo } from '../../../src/engine';
import type { ImageBatch } from '../../../src/data';
import { batchTensor, trainStep, type LossValues } from '../../../src/training';
import { profileOf, timeKernels, type Profile } from './kernel-profile';
import { WARM_UP_STEPS, type Settings } from './options';
import type { Timing } from './statistics';

export interface Measurement extends Timing {
  readonly engine: EngineInfo;
  /**
   * Of every step, the ones of warm-up too: losses before the update; with `forward` the mean squares of the outputs.
   * The same seeds and input on every engine, so that these can be compared.
   */
  readonly values: readonly LossValues[];
  readonly profile: Profile | null;
}

const SEED = 0;
const silent: Logger = { error() {}, warn() {}, info() {}, debug() {} };

/** The composed default config: what `osc train` builds from, in a folder without a config file. */
async function openDefault({ queries, engine, threads, images }: Settings) {
  const cwd = mkdtempSync(join(tmpdir(), 'osc-bench-'));
  try {
    const overrides = [
      `model/obj_queries=${queries}`,
      `engine=${engine}`,
      `engine.threads=${threads}`,
      `training.batch_size=${images}`,
    ];
    const { config, registry } = await openProject({ cwd, overrides });
    return { config: config.values, registry };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function meanSquare(x: tf.Tensor): number {
  return tf.mean(tf.square(x)).dataSync()[0]!;
}

export async function measure(settings: Settings): Promise<Measurement> {
  const { config, registry } = await openDefault(settings);
  const engine = await chooseEngine(config.engine.name).prepare({ threads: config.engine.threads });
  const state = await buildModelTraining(config, registry, { other: SEED }, silent);
  const [height, width] = config.data.crop_size;
  const floats = 2 * settings.images * 3 * height * width;
  const batch: ImageBatch = {
    images: new RandomSource(SEED).stream('images').normals(floats),
    size: settings.images,
    indices: Int32Array.from({ length: settings.images }, (_, i) => i),
  };
  // as the trainer does it: the batch becomes a tensor, the step is taken, the tensor is given back
  const step = (index: number): LossValues => {
    const images = (): tf.Tensor4D => batchTensor(batch, config.data.crop_size);
    if (!settings.forward) {
      const stepBatch = { images, mode: { training: true, step: index } };
      return trainStep(state, [stepBatch], { learningRate: config.optimizer.start_lr }).losses;
    }
    return tf.tidy(() => {
      const { pGlobal, pSlots } = state.model.forward(images(), { training: false, step: 0 });
      return { pGlobal: meanSquare(pGlobal), ...(pSlots && { pSlots: meanSquare(pSlots) }) };
    });
  };

  const clock = settings.profile ? timeKernels(tf.getBackend()) : null;
  const values: LossValues[] = [];
  const stepSeconds: number[] = [];
  for (let index = 0; index < WARM_UP_STEPS + settings.steps; index++) {
    if (index === WARM_UP_STEPS) clock?.reset();
    const start = performance.now();
    values.push(step(index));
    const seconds = (performance.now() - start) / 1000;
    if (index >= WARM_UP_STEPS) stepSeconds.push(seconds);
  }
  return {
    engine,
    stepSeconds,
    peakRssMb: Math.floor(process.resourceUsage().maxRSS / 1024),
    values,
    profile: clock && profileOf(clock.times(), stepSeconds),
  };
}
