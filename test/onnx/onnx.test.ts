/** Exported models against ONNX Runtime: for every component, and for batches that were not recorded. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { Module, RandomSource, type Mode, type ModelOutputs } from 'osc-trainer/sdk';
import { chooseEngine } from '../../src/engine';
import { exportOnnx, type ExportableModel } from '../../src/export';
import { readModel } from '../../src/config';
import { buildModel, type Model, type ModelConfig } from '../../src/model';
import { Registry } from '../../src/registry';
import { runOnnx, type Job, type JobResult, type PlainTensor } from './onnx-runtime';

const TOLERANCE = 1e-4;
const IMAGE_SIZE = [12, 16] as const;
const EVALUATION: Mode = { training: false, step: 0, attention: true };

const folder = mkdtempSync(join(tmpdir(), 'osc-onnx-'));
let registry: Registry;
beforeAll(async () => {
  await chooseEngine('cpu').prepare();
  registry = await Registry.open({ plugins: [], from: __dirname });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const mlp = { hidden_mult: 2, activation: 'gelu' as const, dropout: 0 };
const slotAttention = { name: 'slot-attention', num_iters: 3, pos_embed: null };
const decoder = { num_layers: 2, num_heads: 2, mlp_ratio: 2, pos_embed: null };

type ModelNodes = Readonly<Record<string, unknown>>;

function configOf(nodes: ModelNodes): ModelConfig {
  const vit = { name: 'vit', patch_size: [4, 4], embed_dim: 8, num_layers: 2, num_heads: 2 };
  return {
    model: readModel({
      architecture: 'vit_obj_global',
      global_fn: mlp,
      global_proj: mlp,
      obj_proj: mlp,
      obj_queries: { name: 'learned', num_objects: 3 },
      obj_fn: slotAttention,
      ...nodes,
      backbone: { ...vit, pos_embed: 'learned', global_pool: 'avg', ...(nodes['backbone'] as object | undefined) },
    }),
    data: { crop_size: IMAGE_SIZE },
  };
}

/** Weights larger than they start, so that attention is far from uniform and every path counts. */
async function modelOf(nodes: ModelNodes): Promise<Model> {
  const random = new RandomSource(3);
  const silent = { error() {}, warn() {}, info() {}, debug() {} };
  const model = await buildModel(configOf(nodes), registry, random, silent);
  for (const [name, variable] of model.namedParameters()) {
    const values = random.stream(name).normals(variable.size);
    tf.tidy(() => {
      variable.assign(tf.add(variable, tf.mul(tf.tensor(values, variable.shape), 0.3)));
    });
  }
  return model;
}

function imagesOf(batch: number): PlainTensor {
  const shape = [batch, 3, ...IMAGE_SIZE];
  return { shape, data: Array.from(new RandomSource(batch).stream('images').normals(tf.util.sizeFromShape(shape))) };
}

/** What the model itself gives. */
function expectedOf(
  model: ExportableModel,
  { shape, data }: PlainTensor,
  numObjects?: number,
): Map<string, PlainTensor> {
  const plain = (tensor: tf.Tensor): PlainTensor => ({ shape: tensor.shape, data: Array.from(tensor.dataSync()) });
  const outputs = new Map<string, PlainTensor>();
  tf.tidy(() => {
    const images = tf.tensor4d([...data], shape as [number, number, number, number]);
    const { fGlobal, fSlots, attention } = model.forward(images, EVALUATION, numObjects);
    outputs.set('f_global', plain(fGlobal));
    if (fSlots) outputs.set('f_slots', plain(fSlots));
    const maps = attention?.objects ?? [];
    if (maps.length > 0) outputs.set('attention', plain(tf.stack([...maps], 1)));
  });
  return outputs;
}

async function exportTo(
  name: string,
  model: ExportableModel,
  options: { batch?: number; numObjects?: number } = {},
): Promise<string> {
  const file = join(folder, `${name.replace(/\W+/g, '-')}.onnx`);
  const { bytes } = await exportOnnx(model, { batch: null, version: '0', metadata: {}, ...options });
  writeFileSync(file, bytes);
  return file;
}

interface Case {
  readonly file: string;
  readonly model: ExportableModel;
  readonly batches: readonly number[];
  readonly numObjects?: number;
}

/** Runs them, all in one process: to start the runtime takes longer than to run a small model. */
function compare(...cases: readonly Case[]): void {
  const results = runOnnx(cases.map(jobOf));
  cases.forEach((one, i) => {
    compareResult(one, results[i]!);
  });
}

const jobOf = ({ file, batches }: Case): Job => ({ file, inputs: batches.map(imagesOf) });

function compareResult({ file, model, batches, numObjects }: Case, result: JobResult): void {
  if ('error' in result) throw new Error(`${file}: ${result.error}`);
  expect(result.outputs).toHaveLength(batches.length);
  batches.forEach((batch, i) => {
    expectEqual(result.outputs[i]!, expectedOf(model, imagesOf(batch), numObjects), file);
  });
}

function expectEqual(actual: Record<string, PlainTensor>, expected: Map<string, PlainTensor>, file: string): void {
  expect({ file, names: Object.keys(actual) }).toEqual({ file, names: [...expected.keys()] });
  for (const [name, { shape, data }] of expected) {
    const output = actual[name]!;
    expect({ file, shape: output.shape }).toEqual({ file, shape });
    const scale = Math.max(1, ...data.map(Math.abs));
    const error = Math.max(...data.map((value, at) => Math.abs(value - output.data[at]!)));
    if (!(error / scale < TOLERANCE)) throw new Error(`${file}: ${name} differs by ${error} of ${scale}.`);
  }
}

const COMPONENTS: readonly (readonly [string, ModelNodes])[] = [
  ['vit_obj_global, learned queries, slot attention', {}],
  ['vit_global_obj', { architecture: 'vit_global_obj' }],
  ['vit_global', { architecture: 'vit_global', obj_queries: null, obj_fn: null, obj_proj: null }],
  ['a class token', { backbone: { global_pool: 'cls' }, architecture: 'vit_global_obj' }],
  ['no positions', { backbone: { pos_embed: null } }],
  ['positions once', { backbone: { pos_embed_every_layer: false } }],
  ['positions of the obj_fn', { obj_fn: { ...slotAttention, pos_embed: 'learned' } }],
  ['positions of the backbone for the obj_fn', { obj_fn: { ...slotAttention, pos_embed: 'backbone' } }],
  ['dropout, which is off', { backbone: { block_drop: 0.5, block_attn_drop: 0.5, drop_path: 0.5 } }],
  ['relu in projections', { global_fn: { ...mlp, activation: 'relu' } }],
  ['cross-attention', { obj_fn: { name: 'cross-attention', ...decoder } }],
  ['co-attention', { obj_fn: { name: 'co-attention', ...decoder } }],
  ['kmeans_euclidean', { obj_queries: { name: 'kmeans_euclidean', num_objects: 3 } }],
  ['one slot', { obj_queries: { name: 'kmeans_euclidean', num_objects: 1 } }],
];

describe('batches of any size', () => {
  const cases: Case[] = [];
  let results: JobResult[];
  beforeAll(async () => {
    for (const [name, nodes] of COMPONENTS) {
      const model = await modelOf(nodes);
      cases.push({ file: await exportTo(name, model), model, batches: [1, 2, 7] });
    }
    results = runOnnx(cases.map(jobOf));
  }, 180_000);

  test.each(COMPONENTS.map(([name], i) => [name, i] as const))('%s', (_, i) => {
    compareResult(cases[i]!, results[i]!);
  });
});

test.each([
  ['sample', { obj_queries: { name: 'sample', num_objects: 3 } }],
  ['a mixture', { obj_queries: { name: 'sample', num_objects: 3, num_components: 4 } }],
  ['kmeans_cosine', { obj_queries: { name: 'kmeans_cosine', num_objects: 3 } }],
] as const)('%s: for batches of one size', async (name, nodes) => {
  const model = await modelOf(nodes);
  await expect(exportTo(name, model)).rejects.toMatchObject({ name: 'UsageError', hints: ['--batch 1'] });
  const ofSize = async (batch: number): Promise<Case> => {
    return { file: await exportTo(`${name}${batch}`, model, { batch }), model, batches: [batch] };
  };
  compare(await ofSize(1), await ofSize(4));
  model.dispose();
});

test('another number of slots', async () => {
  const model = await modelOf({ obj_queries: { name: 'kmeans_euclidean', num_objects: 3 } });
  compare({ file: await exportTo('seven', model, { numObjects: 7 }), model, batches: [2], numObjects: 7 });
  const learned = await modelOf({});
  await expect(exportTo('learned', learned, { numObjects: 7 })).rejects.toMatchObject({ name: 'UsageError' });
  tf.dispose([...model.namedParameters().values(), ...learned.namedParameters().values()]);
});

test('the backend of before is the current one again, and no tensor is left behind', async () => {
  const model = await modelOf({});
  const before = tf.memory().numTensors;
  await exportTo('again', model);
  expect(tf.getBackend()).toBe('cpu');
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
});

/** A model whose forward pass is one function of the images. */
class FunctionModel extends Module implements ExportableModel {
  readonly dimensions = { imageSize: IMAGE_SIZE, grid: [3, 4], numTokens: 12, embedDim: 8 } as const;
  constructor(private readonly f: (rows: tf.Tensor2D) => tf.Tensor) {
    super();
  }
  forward(images: tf.Tensor4D): ModelOutputs {
    const rows = tf.reshape<tf.Rank.R2>(tf.slice(images, [0, 0, 0, 0], [-1, 1, 2, 3]), [-1, 6]);
    return { fGlobal: this.f(rows), fSlots: null } as unknown as ModelOutputs;
  }
}

/** What third parties may use: each op gives numbers, in the shape that TensorFlow.js gives. */
const OPS: readonly (readonly [string, (x: tf.Tensor2D) => tf.Tensor])[] = [
  ['abs', (x) => tf.abs(x)],
  ['addN', (x) => tf.addN([x, x, x])],
  [
    'all and any',
    (x) => tf.cast(tf.concat([tf.all(tf.greater(x, -1), 1, true), tf.any(tf.less(x, -1), 1, true)], 1), 'float32'),
  ],
  ['argMax', (x) => tf.cast(tf.argMax(x, 1), 'float32')],
  ['argMin', (x) => tf.cast(tf.argMin(x, -1), 'float32')],
  ['atan', (x) => tf.atan(x)],
  [
    'batch of products, transposed',
    (x) => tf.matMul(tf.reshape(x, [-1, 3, 2]), tf.reshape(x, [-1, 3, 2]), true, false),
  ],
  ['ceil', (x) => tf.ceil(x)],
  ['clipByValue', (x) => tf.clipByValue(x, -0.5, 0.3)],
  ['concat', (x) => tf.concat([x, tf.neg(x)], -1)],
  ['cos', (x) => tf.cos(x)],
  ['cosh', (x) => tf.cosh(x)],
  ['cumsum', (x) => tf.cumsum(x, 1, true, true)],
  ['einsum', (x) => tf.einsum('bi,bj->bij', x, x)],
  ['elu', (x) => tf.elu(x)],
  ['equal', (x) => tf.cast(tf.equal(tf.round(x), 0), 'float32')],
  ['erf', (x) => tf.erf(x)],
  ['expandDims', (x) => tf.expandDims(x, 1)],
  ['expm1', (x) => tf.expm1(x)],
  ['floor', (x) => tf.floor(x)],
  ['gather', (x) => tf.gather(x, tf.tensor1d([4, 0, 1], 'int32'), 1)],
  ['isNaN', (x) => tf.where(tf.isNaN(tf.sqrt(x)), tf.zerosLike(x), tf.sqrt(tf.abs(x)))],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.1)],
  ['log', (x) => tf.log(tf.add(tf.abs(x), 1))],
  ['log1p', (x) => tf.log1p(tf.abs(x))],
  ['logSoftmax', (x) => tf.logSoftmax(x)],
  [
    'logical ops',
    (x) =>
      tf.cast(
        tf.logicalOr(tf.logicalAnd(tf.greater(x, 0), tf.less(x, 1)), tf.logicalNot(tf.lessEqual(x, 1))),
        'float32',
      ),
  ],
  ['max of all', (x) => tf.reshape(tf.max(tf.reshape(x, [-1, 2, 3]), [1, 2]), [-1, 1])],
  ['maximum', (x) => tf.maximum(x, 0.2)],
  ['mean', (x) => tf.mean(x, -1)],
  ['min', (x) => tf.min(x, 1, true)],
  ['minimum', (x) => tf.minimum(x, 0.2)],
  ['notEqual', (x) => tf.cast(tf.notEqual(tf.sign(x), 1), 'float32')],
  ['oneHot', (x) => tf.cast(tf.oneHot(tf.argMax(x, 1), 6), 'float32')],
  ['onesLike', (x) => tf.add(tf.onesLike(x), x)],
  [
    'pad',
    (x) =>
      tf.pad(
        x,
        [
          [0, 0],
          [1, 2],
        ],
        0.5,
      ),
  ],
  ['pow', (x) => tf.pow(tf.abs(x), 1.5)],
  ['prelu', (x) => tf.prelu(x, tf.tensor2d([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]]))],
  ['prod', (x) => tf.prod(x, 1)],
  ['reciprocal', (x) => tf.reciprocal(tf.add(tf.abs(x), 1))],
  ['relu6', (x) => tf.relu6(tf.mul(x, 9))],
  ['round', (x) => tf.round(tf.mul(x, 3))],
  ['rsqrt', (x) => tf.rsqrt(tf.add(tf.abs(x), 1))],
  ['selu', (x) => tf.selu(x)],
  ['sin', (x) => tf.sin(x)],
  ['sinh', (x) => tf.sinh(x)],
  ['slice', (x) => tf.slice(x, [0, 2], [-1, 3])],
  ['softplus', (x) => tf.softplus(x)],
  ['split', (x) => tf.add(tf.split(x, [2, 4], 1)[1]!, tf.concat(tf.split(x, 3, 1).slice(1), 1))],
  ['squaredDifference', (x) => tf.squaredDifference(x, 0.5)],
  ['stack', (x) => tf.stack([x, tf.neg(x)], 2)],
  ['tan', (x) => tf.tan(x)],
  ['tile', (x) => tf.tile(x, [1, 3])],
  ['tile over the batch', (x) => tf.tile(x, [2, 1])],
  [
    'topk',
    (x) => {
      const { values, indices } = tf.topk(x, 3);
      return tf.concat([values, tf.cast(indices, 'float32')], 1);
    },
  ],
  ['unstack', (x) => tf.sub(tf.unstack(x, 1)[4]!, tf.unstack(x, 1)[0]!)],
  ['sizes that depend on the batch in two places', (x) => tf.matMul(x, x, false, true)],
  ['a constant for each image', (x) => tf.add(x, tf.ones(x.shape))],
];

test('every op that has a translation', async () => {
  const cases: Case[] = [];
  for (const [name, f] of OPS) {
    const model = new FunctionModel(f);
    cases.push({ file: await exportTo(`op ${name}`, model), model, batches: [1, 4] });
  }
  compare(...cases);
});

test('what cannot be exported is named', async () => {
  const reading = new FunctionModel((x) => tf.mul(x, tf.max(x).dataSync()[0]!));
  await expect(exportTo('reading', reading)).rejects.toMatchObject({
    name: 'UsageError',
    what: expect.stringContaining('reads values of a tensor that depends on the images'),
  });
  const unknown = new FunctionModel((x) => tf.reverse(x, 1));
  await expect(exportTo('unknown', unknown)).rejects.toMatchObject({
    name: 'UsageError',
    what: expect.stringContaining('kernel Reverse has no translation'),
    why: expect.stringContaining('x float32 [2, 6]'),
  });
  const ofBatch = new FunctionModel((x) => tf.div(x, x.shape[0]));
  await expect(exportTo('of-batch', ofBatch)).rejects.toMatchObject({ name: 'UsageError', hints: ['--batch 1'] });
  compare({ file: await exportTo('of-batch', ofBatch, { batch: 3 }), model: ofBatch, batches: [3] });
  const branching = new FunctionModel((x) => (x.shape[0] > 2 ? tf.relu(x) : tf.abs(x)));
  await expect(exportTo('branching', branching)).rejects.toMatchObject({ name: 'UsageError', hints: ['--batch 1'] });
});
