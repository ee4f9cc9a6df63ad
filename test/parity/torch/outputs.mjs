// What the built osc computes with a trained model, for comparison: node outputs.mjs RUN OUTPUTS.safetensors writes random images,
// the queries the slots started from, the noise of sampled ones, all outputs of the evaluation forward pass, and the config.
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs-core');
const { openTrained } = require('../../../dist/jobs/open-trained');
const { chooseEngine } = require('../../../dist/engine');
const { buildSeededModel } = require('../../../dist/model');
const { encodeSafetensors, RandomSource } = require('../../../dist/sdk');

const IMAGES = 4;
const [given, file] = process.argv.slice(2);
const logger = { error: console.error, warn: console.error, info() {}, debug() {} };
const saved = (tensor) => ({ shape: tensor.shape, data: tensor.dataSync() });

const { trained, registry, config } = await openTrained({ cwd: process.cwd(), given, command: 'outputs.mjs' });
await chooseEngine(config.engine.name).prepare({ threads: 1 });
const model = await buildSeededModel(config, config.other.seed, registry, logger);
model.loadWeights(trained.model, trained.checkpoint);

const shape = [IMAGES, 3, ...config.data.crop_size];
const pixels = new RandomSource(3).stream('images').normals(shape.reduce((product, size) => product * size));
const tensors = new Map();
const queries = model.parts.objQueries;
if (queries !== null) {
  const original = queries.queries.bind(queries);
  queries.queries = (...args) => {
    const made = original(...args);
    tensors.set('queries', saved(made));
    return made;
  };
}
const images = tf.tensor4d(pixels, shape);
tensors.set('images', saved(images));
const outputs = model.forward(images, { training: false, step: 0 });
const names = {
  fBackbone: 'f_backbone',
  fGlobal: 'f_global',
  pGlobal: 'p_global',
  fSlots: 'f_slots',
  pSlots: 'p_slots',
};
for (const [key, name] of Object.entries(names)) {
  if (outputs[key] !== null) tensors.set(name, saved(outputs[key]));
}
if (config.model.obj_queries?.name === 'sample') {
  const { shape: rows, data } = tensors.get('queries');
  const of = (name) => trained.model.get(`obj_queries.${name}`).data;
  const width = rows.at(-1);
  const noise = data.map((value, i) => (value - of('mu')[i % width]) / Math.exp(of('log_sigma')[i % width]));
  tensors.set('noise', { shape: rows, data: noise });
}
writeFileSync(file, encodeSafetensors(tensors, { config: JSON.stringify({ model: config.model, data: config.data }) }));
