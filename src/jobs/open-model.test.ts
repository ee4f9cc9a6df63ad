import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { chooseEngine } from '../engine';
import { buildSeededModel, readStateDict } from '../model';
import { UsageError } from '../sdk/errors';
import { prepareTestImage, type RgbImage } from '../sdk/image';
import { encodeSafetensors } from '../sdk/safetensors';
import { importWeights, openModel, type OpenedModel } from '.';
import { openProject } from './project';

const OVERRIDES = [
  'data=scenes',
  'data.crop_size=[16,16]',
  'model.backbone.patch_size=[4,8]',
  'model.backbone.embed_dim=8',
  'model.backbone.num_layers=1',
  'model.backbone.num_heads=2',
  'model.obj_fn.num_iters=2',
  'model.obj_queries=kmeans_euclidean',
  'model.obj_queries.num_objects=3',
  'other.seed=1',
];
const logger = { error() {}, warn() {}, info() {}, debug() {} };

let cwd: string;
let model: OpenedModel;

/** A checkpoint of the model as it is drawn. */
async function drawCheckpoint(name: string, overrides: readonly string[]): Promise<string> {
  await chooseEngine('cpu').prepare();
  const { config, registry } = await openProject({ cwd, overrides });
  const drawn = await buildSeededModel(config.values, 1, registry, logger);
  writeFileSync(join(cwd, `${name}.safetensors`), encodeSafetensors(readStateDict(drawn)));
  drawn.dispose();
  return (await importWeights({ cwd, file: `${name}.safetensors`, overrides })).checkpoint;
}

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-open-model-'));
  model = await openModel({ cwd, model: await drawCheckpoint('slots', OVERRIDES), engine: 'cpu' });
});
afterAll(() => {
  model.dispose();
  rmSync(cwd, { recursive: true });
});

/** Stripes and a ramp: no two rows are alike. */
function picture(height: number, width: number, seed: number): RgbImage {
  const image = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * (7 + seed) + ((i / 50) | 0) * 13) % 256);
  return { image, height, width };
}

test('images of any size become what the forward pass makes of them, as plain arrays', async () => {
  const images = [picture(20, 30, 0), picture(16, 16, 1)];
  const representations = await model.represent(images, { attention: 'all' });
  expect(representations).toHaveLength(2);
  const { crop_size: cropSize, normalize } = model.config.data;
  expect(model.prepare(images[0]!)).toEqual(prepareTestImage(images[0]!, cropSize, normalize));
  const pixels = images.map((image) => tf.tensor4d(model.prepare(image), [1, 3, 16, 16]));
  const { fGlobal, fSlots, attention } = model.forward(tf.concat(pixels));
  representations.forEach(({ global, slots, attention: maps }, i) => {
    const row = (tensor: tf.Tensor): Float32Array => tf.gather(tensor, i).dataSync<'float32'>();
    expect(global).toEqual({ shape: [8], data: row(fGlobal) });
    expect(slots).toEqual({ shape: [3, 8], data: row(fSlots!) });
    expect(maps).toEqual(attention!.objects.map((map) => ({ shape: [3, 4, 2], data: row(map) })));
  });
  const [only] = await model.represent(images.slice(0, 1));
  expect(only!.attention).toHaveLength(1);
  expect(only!.attention![0]!.shape).toEqual(representations[0]!.attention!.at(-1)!.shape);
  expect(await model.represent([])).toEqual([]);
});

test('another number of slots; nothing is left behind', async () => {
  const before = tf.memory().numTensors;
  const [made] = await model.represent([picture(16, 16, 2)], { numObjects: 5 });
  expect(made!.slots!.shape).toEqual([5, 8]);
  expect(made!.attention!.map(({ shape }) => shape)).toEqual([[5, 4, 2]]);
  expect(tf.memory().numTensors).toBe(before);
});

test('pixels that do not fit the size, and a number of slots for a model without any', async () => {
  const short = { ...picture(16, 16, 0), height: 17 };
  await expect(model.represent([short])).rejects.toThrow('An image of 17 by 16 pixels in RGB has 816 values, not 768.');
  const overrides = [
    ...OVERRIDES.filter((one) => !one.startsWith('model.obj_')),
    'model=vit_global',
    'losses/l_objects=none',
  ];
  const plain = await openModel({ cwd, model: await drawCheckpoint('plain', overrides), engine: 'cpu' });
  const [made] = await plain.represent([picture(16, 16, 0)]);
  expect(made).toMatchObject({ global: { shape: [8] }, slots: null, attention: null });
  await expect(plain.represent([picture(16, 16, 0)], { numObjects: 2 })).rejects.toThrow(UsageError);
  plain.dispose();
});

test('what is no model', async () => {
  await expect(openModel({ cwd, model: 'nowhere' })).rejects.toThrow('There is no run or checkpoint nowhere.');
});
