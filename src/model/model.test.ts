import 'reflect-metadata';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { readModel } from '../config';
import { component, manifestOf, type ComponentClass } from '../sdk/component';
import type { Architecture, Backbone, Dimensions, ModelParts, ObjFn, ObjQueries, PosEmbed } from '../sdk';
import { createComponent } from '../sdk/create-component';
import { Module, type Mode } from '../sdk/module';
import { ones } from '../sdk/nn';
import { RandomSource } from '../sdk/random';
import type { SavedTensor } from '../sdk/safetensors';
import { componentToken, DIMENSIONS, inject, OPTIONS, POS_EMBED_DROPOUT } from '../sdk/tokens';
import { z } from 'zod';
import {
  buildModel,
  formatParameters,
  parameterRows,
  readStateDict,
  type ComponentFactory,
  type Model,
  type ModelConfig,
} from './index';

const none = z.strictObject({});
const mode: Mode = { training: false, step: 0 };

@component({ kind: 'pos_embed', name: 'table', summary: 'test', options: none })
class Table extends Module implements PosEmbed {
  readonly #embed = this.parameter<tf.Rank.R1>('embed', [2], ones);
  constructor(@inject(POS_EMBED_DROPOUT) readonly rate: number) {
    super();
  }
  forward(tokens: tf.Tensor3D): tf.Tensor3D {
    return tf.add(tokens, this.#embed);
  }
}

@component({ kind: 'pooling', name: 'first', summary: 'test', options: none })
class First {
  readonly usesClassToken = false;
  pool(tokens: tf.Tensor3D): tf.Tensor2D {
    return tf.squeeze(tf.slice(tokens, [0, 0, 0], [-1, 1, -1]), [1]);
  }
}

@component({ kind: 'backbone', name: 'flat', summary: 'test', options: z.strictObject({ width: z.int().default(2) }) })
class Flat extends Module implements Backbone {
  static dimensions({ width }: { width: number }, imageSize: readonly [number, number]): Dimensions {
    return { imageSize, grid: imageSize, numTokens: imageSize[0] * imageSize[1], embedDim: width };
  }
  readonly #weight = this.parameter<tf.Rank.R2>('proj.weight', [2, 2], ones);
  constructor(
    @inject(DIMENSIONS) readonly dimensions: Dimensions,
    @inject(componentToken('pos_embed')) readonly posEmbed: PosEmbed | null,
    @inject(componentToken('pooling')) readonly pooling: First,
  ) {
    super();
    if (posEmbed) this.child('pos_embed', posEmbed);
  }
  forward(images: tf.Tensor4D): { features: tf.Tensor3D; pooled: tf.Tensor2D } {
    const { numTokens } = this.dimensions;
    const tokens = tf.transpose(
      tf.reshape(tf.slice(images, [0, 0, 0, 0], [-1, 2, -1, -1]), [-1, 2, numTokens]),
      [0, 2, 1],
    );
    const features = tf.reshape<tf.Rank.R3>(tf.matMul(tf.reshape(tokens, [-1, 2]), this.#weight), [-1, numTokens, 2]);
    return { features, pooled: this.pooling.pool(features) };
  }
}

@component({ kind: 'obj_queries', name: 'zeros', summary: 'test', options: none })
class Zeros extends Module implements ObjQueries {
  readonly numObjects = 3;
  queries(features: tf.Tensor3D, _mode: Mode, numObjects = this.numObjects): tf.Tensor3D {
    return tf.zeros([features.shape[0], numObjects, 2]);
  }
}

@component({ kind: 'obj_fn', name: 'sum', summary: 'test', options: none })
class Sum extends Module implements ObjFn {
  constructor(@inject(componentToken('pos_embed')) readonly posEmbed: PosEmbed | null) {
    super();
    if (posEmbed) this.child('pos_embed', posEmbed);
  }
  forward(queries: tf.Tensor3D, features: tf.Tensor3D): { slots: tf.Tensor3D } {
    return { slots: tf.add(queries, tf.sum(features, 1, true)) };
  }
}

/** Hands on all that it was given. */
class Wiring implements Architecture {
  constructor(readonly usesObjects: boolean) {}
  forward(parts: ModelParts, images: tf.Tensor4D, mode: Mode, numObjects?: number): never {
    const { features, pooled } = parts.backbone.forward(images, mode);
    const fSlots =
      parts.objQueries &&
      parts.objFn!.forward(parts.objQueries.queries(features, mode, numObjects), features, mode).slots;
    const fGlobal = parts.globalFn.forward(pooled, mode);
    const pGlobal = parts.globalProj.forward(fGlobal, mode);
    return {
      fBackbone: features,
      fGlobal,
      pGlobal,
      fSlots,
      pSlots: fSlots && parts.objProj!.forward(fSlots, mode),
    } as never;
  }
}

@component({ kind: 'architecture', name: 'objects', summary: 'test', options: none })
class Objects extends Wiring {
  constructor() {
    super(true);
  }
}

@component({ kind: 'architecture', name: 'global', summary: 'test', options: none })
class Global extends Wiring {
  constructor() {
    super(false);
  }
}

const CLASSES = [Table, First, Flat, Zeros, Sum, Objects, Global] as unknown as ComponentClass[];

const factory: ComponentFactory = {
  componentClass: (kind, name) => {
    const found = CLASSES.find((one) => manifestOf(one)!.kind === kind && manifestOf(one)!.name === name);
    return found ? Promise.resolve(found) : Promise.reject(new Error(`no ${kind} ${name}`));
  },
  async create<T>(
    kind: never,
    name: string,
    { options = {}, provide }: { options?: unknown; provide?: ReadonlyMap<symbol, unknown> },
  ) {
    const found = await this.componentClass(kind, name);
    return createComponent<T>(
      found,
      name,
      manifestOf(found)!.options.parse(options),
      new Map(provide ?? [[OPTIONS, {}]]),
    );
  },
};

const mlp = { hidden_mult: 2, activation: 'gelu', dropout: 0 } as const;

type ModelNodes = Record<string, unknown>;

function config(model: ModelNodes = {}): ModelConfig {
  return {
    model: readModel({
      architecture: 'objects',
      backbone: { name: 'flat', width: 2, pos_embed: 'table', pos_embed_dropout: 0.3, global_pool: 'first' },
      obj_queries: { name: 'zeros' },
      obj_fn: { name: 'sum', pos_embed: null },
      global_fn: mlp,
      global_proj: { ...mlp, out_bias: false },
      obj_proj: { ...mlp, out_bias: false },
      ...model,
    }),
    data: { crop_size: [2, 2] },
  };
}

const logger = { error() {}, info() {}, debug() {}, warn() {} };
const build = (model?: ModelNodes, seed = 1) => buildModel(config(model), factory, new RandomSource(seed), logger);
const images = (): tf.Tensor4D => tf.ones([4, 3, 2, 2]);

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

test('parts are named as in the reference, in its order, with the widths that it builds', async () => {
  const shapes = [...(await build()).namedParameters()].map(([name, { shape }]) => `${name} [${shape}]`);
  expect(shapes).toEqual([
    'backbone.proj.weight [2,2]',
    'backbone.pos_embed.embed [2]',
    'global_fn.fc1.weight [4,2]',
    'global_fn.fc1.bias [4]',
    'global_fn.fc2.weight [2,4]',
    'global_fn.fc2.bias [2]',
    'global_proj.fc1.weight [4,2]',
    'global_proj.fc1.bias [4]',
    'global_proj.fc2.weight [2,4]',
    'obj_proj.fc1.weight [8,2]',
    'obj_proj.fc1.bias [8]',
    'obj_proj.fc2.weight [2,8]',
  ]);
});

test('hidden_mult and out_bias of the projections have an effect', async () => {
  const wide = { ...mlp, hidden_mult: 4, out_bias: true };
  const parameters = (await build({ obj_proj: wide, global_proj: wide })).namedParameters();
  expect(parameters.get('obj_proj.fc1.weight')!.shape).toEqual([16, 2]);
  expect(parameters.get('global_proj.fc1.weight')!.shape).toEqual([8, 2]);
  expect(parameters.has('obj_proj.fc2.bias') && parameters.has('global_proj.fc2.bias')).toBe(true);
});

test('half a hidden unit is rounded to the even number as by numpy, so that weights fit the reference; none is an error', async () => {
  const projections = (hidden_mult: number) => build({ global_fn: { ...mlp, hidden_mult } });
  expect((await projections(2.25)).namedParameters().get('global_fn.fc1.weight')!.shape).toEqual([4, 2]);
  expect((await projections(2.75)).namedParameters().get('global_fn.fc1.weight')!.shape).toEqual([6, 2]);
  await expect(projections(0.2)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining('0.2 times the width 2 has no unit') as string,
  });
});

test('forward gives what the architecture computes; the number of slots may differ for a call', async () => {
  const model = await build();
  expect(model.dimensions).toEqual({ imageSize: [2, 2], grid: [2, 2], numTokens: 4, embedDim: 2 });
  const { fSlots, pSlots, pGlobal } = model.forward(images(), mode);
  expect([fSlots!.shape, pSlots!.shape, pGlobal.shape]).toEqual([
    [4, 3, 2],
    [4, 3, 2],
    [4, 2],
  ]);
  expect(model.forward(images(), mode, 5).fSlots!.shape).toEqual([4, 5, 2]);
});

test('an architecture without slots builds none of their parts', async () => {
  const model = await build({ architecture: 'global', obj_queries: null, obj_fn: null, obj_proj: null });
  expect(model.usesObjects).toBe(false);
  expect([...model.namedParameters().keys()].some((name) => name.startsWith('obj_'))).toBe(false);
});

test('an architecture with slots needs all of their parts', async () => {
  await expect(build({ obj_queries: null, obj_proj: null })).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining('model.obj_queries and model.obj_proj'),
  });
});

test("positions of the obj_fn: none, its own, or the backbone's instance", async () => {
  const posEmbedOf = async (pos_embed: unknown) => {
    const model = await build({ obj_fn: { name: 'sum', pos_embed } });
    return { ofFn: (model.parts.objFn as Sum).posEmbed, ofBackbone: (model.parts.backbone as Flat).posEmbed, model };
  };
  expect((await posEmbedOf(null)).ofFn).toBeNull();
  const own = await posEmbedOf('table');
  expect(own.ofFn).not.toBe(own.ofBackbone);
  expect([own.ofFn, own.ofBackbone].map((table) => (table as Table).rate)).toEqual([0.3, 0.3]);
  expect(own.model.namedParameters().has('obj_fn.pos_embed.embed')).toBe(true);
  const shared = await posEmbedOf('backbone');
  expect(shared.ofFn).toBe(shared.ofBackbone);
  expect(shared.model.namedParameters().has('obj_fn.pos_embed.embed')).toBe(false);
});

test('positions that are to be shared must be there', async () => {
  await expect(
    build({
      backbone: { name: 'flat', pos_embed: null, global_pool: 'first' },
      obj_fn: { name: 'sum', pos_embed: 'backbone' },
    }),
  ).rejects.toMatchObject({ name: 'UsageError', hints: expect.arrayContaining(['model.obj_fn.pos_embed=null']) });
});

test('weights start as a function of seed and name', async () => {
  const values = async (seed: number, model?: ModelNodes): Promise<number[]> =>
    Array.from((await build(model, seed)).namedParameters().get('global_fn.fc1.weight')!.dataSync());
  const first = await values(1);
  expect(await values(1, { obj_fn: { name: 'sum', pos_embed: 'table' } })).toEqual(first);
  expect(await values(2)).not.toEqual(first);
});

describe('loadWeights', () => {
  const saved = async (): Promise<Map<string, SavedTensor>> =>
    new Map(
      Array.from((await build()).namedParameters(), ([name, { shape, size }]) => [
        name,
        { shape, data: new Float32Array(size).fill(0.5) },
      ]),
    );

  test('replaces every parameter and leaves no tensor behind', async () => {
    const model = await build();
    const weights = await saved();
    const before = tf.memory().numTensors;
    model.loadWeights(weights, 'there');
    expect(tf.memory().numTensors).toBe(before);
    for (const variable of model.namedParameters().values())
      expect(new Set(variable.dataSync())).toEqual(new Set([0.5]));
  });

  test('lists what is wrong, missing and unexpected, and changes nothing', async () => {
    const model = await build();
    const weights = await saved();
    weights.delete('global_fn.fc1.bias');
    weights.set('global_fn.fc2.bias', { shape: [3], data: new Float32Array(3) });
    weights.set('extra', { shape: [1], data: new Float32Array(1) });
    const values = (): number[] => Array.from(model.namedParameters().get('global_proj.fc1.weight')!.dataSync());
    const before = values();
    expect(() => model.loadWeights(weights, 'there')).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        what: 'The weights of there are not of this model.',
        why: 'Wrong shapes: global_fn.fc2.bias [3] instead of [2]. Missing: global_fn.fc1.bias. Unexpected: extra.',
      }),
    );
    expect(values()).toEqual(before);
  });
});

describe('a parameter with two names', () => {
  const shared = (): Promise<Model> => build({ obj_fn: { name: 'sum', pos_embed: 'backbone' } });
  const FIRST = 'backbone.pos_embed.embed';
  const SECOND = 'obj_fn.pos_embed.embed';

  test('is one parameter, and in the state dict under both, as in PyTorch', async () => {
    const model = await shared();
    expect([...model.namedParameters().keys()]).not.toContain(SECOND);
    const weights = readStateDict(model);
    expect(weights.get(SECOND)).toEqual(weights.get(FIRST));
    expect([...weights.keys()].filter((name) => name !== SECOND)).toEqual([...model.namedParameters().keys()]);
  });

  test.each([
    ['both', []],
    ['the first', [SECOND]],
    ['the second', [FIRST]],
  ])('is loaded from %s', async (_, left) => {
    const model = await shared();
    const weights = readStateDict(model);
    for (const name of [FIRST, SECOND]) weights.set(name, { shape: [2], data: Float32Array.of(7, 8) });
    for (const name of left) weights.delete(name);
    model.loadWeights(weights, 'there');
    expect(Array.from(model.namedParameters().get(FIRST)!.dataSync())).toEqual([7, 8]);
  });

  test('cannot have two values, or none', async () => {
    const model = await shared();
    const weights = readStateDict(model);
    weights.set(SECOND, { shape: [2], data: Float32Array.of(7, 8) });
    expect(() => {
      model.loadWeights(weights, 'there');
    }).toThrow(`${FIRST} and ${SECOND} in there have different values.`);
    weights.delete(FIRST);
    weights.delete(SECOND);
    expect(() => {
      model.loadWeights(weights, 'there');
    }).toThrow(`Missing: ${FIRST}.`);
  });
});

test('every wrong name is listed, many of them a line each', async () => {
  const model = await build();
  const names = [...model.namedParameters().keys()];
  expect(names.length).toBeGreaterThan(8);
  expect(() => {
    model.loadWeights(new Map(), 'there');
  }).toThrow(expect.objectContaining({ why: ['Missing:', ...names].join('\n    ') }));
});

test('the table counts weights by part', async () => {
  const model = await build();
  const rows = Object.fromEntries(parameterRows(model.namedParameters()).map(({ module, count }) => [module, count]));
  expect(rows).toEqual({ backbone: 6, global_fn: 22, global_proj: 20, obj_proj: 40 });
  expect(formatParameters(model.namedParameters()).split('\n').at(-1)).toMatch(/^ {2}total +88$/);
});
