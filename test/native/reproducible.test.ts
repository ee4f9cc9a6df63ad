/** The same bytes whatever the number of threads. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource, type Logger } from 'osc-trainer/sdk';
import { openProject } from '../../src/jobs/project';
import { NAMED_VARIANTS } from '../../src/engine/native/engines.fixture';
import { buildModelTraining } from '../../src/jobs/train/build-parts';
import { trainStep } from '../../src/training';

const silent: Logger = { error() {}, warn() {}, info() {}, debug() {} };
const SMALL = [
  ...['data.crop_size=[32,32]', 'model.backbone.patch_size=[4,4]', 'model.backbone.embed_dim=24'],
  ...['model.backbone.num_layers=2', 'model.backbone.num_heads=3', 'training.batch_size=6'],
];

/** Trains a small model and gives the hash of its parameters. */
async function train(steps: number): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'osc-reproducible-'));
  const { config: composed, registry } = await openProject({
    cwd,
    overrides: ['model/obj_queries=kmeans_euclidean', ...SMALL],
  });
  rmSync(cwd, { recursive: true });
  const config = composed.values;
  const state = await buildModelTraining(config, registry, { other: 1 }, silent);
  for (let step = 0; step < steps; step++) {
    const shape: [number, number, number, number] = [2 * 6, 3, 32, 32];
    const pixels = new RandomSource(step).stream('images').normals(tf.util.sizeFromShape(shape));
    const batch = { images: () => tf.tensor4d(pixels, shape), mode: { training: true, step } };
    trainStep(state, [batch], { learningRate: 1e-3 });
  }
  const hash = createHash('sha256');
  for (const parameter of state.model.namedParameters().values()) {
    hash.update(new Uint8Array(parameter.dataSync<'float32'>().buffer));
    parameter.dispose();
  }
  state.optimizer.dispose?.();
  return hash.digest('hex');
}

describe.each(NAMED_VARIANTS)('%s', (_, variant) => {
  test('20 steps end with the same bytes with 1, 2 and 4 threads, and again', async () => {
    const hashes: string[] = [];
    for (const threads of [1, 2, 4, 2]) {
      await variant.use(threads);
      hashes.push(await train(20));
    }
    expect(new Set(hashes).size).toBe(1);
  });
});
