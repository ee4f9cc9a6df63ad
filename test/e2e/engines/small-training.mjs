/** A training of the smallest model, from `dist`, for programs that run without jest: processes and worker threads. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
export const tf = require('@tensorflow/tfjs-core');
const { RandomSource } = require('../../../dist/sdk');
const { openProject } = require('../../../dist/jobs/project.js');
const { chooseEngine } = require('../../../dist/engine');
const { buildModelTraining } = require('../../../dist/jobs/train/build-parts');
const { trainStep } = require('../../../dist/training');

const SIDE = 16;
const OVERRIDES = [
  ...[`data.crop_size=[${SIDE},${SIDE}]`, 'model.backbone.patch_size=[4,4]', 'model.backbone.embed_dim=16'],
  ...['model.backbone.num_layers=1', 'model.backbone.num_heads=2', 'training.batch_size=8'],
];
const silent = { error() {}, warn() {}, info() {}, debug() {} };

/**
 * Prepares the engine and builds the model.
 *
 * @returns step(index, images): one training step on so many random images; hash(): of all parameters
 */
export async function openTraining(engine, threads) {
  const cwd = mkdtempSync(join(tmpdir(), 'osc-small-'));
  const { config, registry } = await openProject({ cwd, overrides: OVERRIDES });
  rmSync(cwd, { recursive: true });
  const info = await chooseEngine(engine).prepare({ threads });
  const state = await buildModelTraining(config.values, registry, { other: 1 }, silent);
  return {
    info,
    step(index, size) {
      const shape = [2 * size, 3, SIDE, SIDE];
      const pixels = new RandomSource(index).stream('images').normals(tf.util.sizeFromShape(shape));
      const batch = { images: () => tf.tensor4d(pixels, shape), mode: { training: true, step: index } };
      trainStep(state, [batch], { learningRate: 1e-3 });
    },
    hash() {
      const hash = createHash('sha256');
      for (const parameter of state.model.namedParameters().values()) {
        hash.update(new Uint8Array(parameter.dataSync().buffer));
      }
      return hash.digest('hex');
    },
  };
}
