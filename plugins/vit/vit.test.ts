import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { Module, RandomSource, type Mode, type Pooling, type PosEmbed } from 'osc-trainer/sdk';
import { options as schema, type VitOptions } from './options';
import { PatchEmbed } from './patch-embed';
import { VitBackbone } from './vit';

const random = new RandomSource(3);
const evaluation: Mode = { training: false, step: 0 };
const small = (rest: Partial<VitOptions> = {}): VitOptions =>
  schema.parse({ patch_size: [2, 4], embed_dim: 4, num_layers: 3, num_heads: 2, ...rest });
const mean: Pooling = { usesClassToken: false, pool: (tokens) => tf.mean(tokens, 1) };
const classToken: Pooling = { usesClassToken: true, pool: (_, token) => token! };

/** Counts its calls and remembers what it was given. */
class CountingPositions extends Module implements PosEmbed {
  readonly calls: { tokens: number; scope: string | undefined }[] = [];
  forward(tokens: tf.Tensor3D, mode: Mode): tf.Tensor3D {
    this.calls.push({ tokens: tokens.shape[1], scope: mode.scope });
    return tokens;
  }
}

function build(options: VitOptions, pooling = mean, positions: PosEmbed | null = null): VitBackbone {
  return new VitBackbone(options, VitBackbone.dimensions(options, [4, 8]), positions, pooling, random);
}

beforeAll(() => tf.setBackend('cpu'));

test('patches are read row by row, channels first, as a convolution reads them', () => {
  const embed = new PatchEmbed({ patchSize: [1, 2], embedDim: 6 }, random);
  const parameters = embed.namedParameters();
  // one output channel an input value: channel * 2 + column
  parameters.get('proj.weight')!.assign(tf.reshape(tf.eye(6), [6, 3, 1, 2]));
  parameters.get('proj.bias')!.assign(tf.zeros([6]));
  const image = tf.reshape(tf.range(0, 24), [1, 3, 2, 4]) as tf.Tensor4D;
  expect(embed.forward(image).arraySync()[0]).toEqual([
    [0, 1, 8, 9, 16, 17],
    [2, 3, 10, 11, 18, 19],
    [4, 5, 12, 13, 20, 21],
    [6, 7, 14, 15, 22, 23],
  ]);
});

test('sizes follow from options and image', () => {
  expect(VitBackbone.dimensions(small(), [4, 8])).toEqual({
    imageSize: [4, 8],
    grid: [2, 2],
    numTokens: 4,
    embedDim: 4,
  });
});

test('patches that do not divide the image, and heads that do not divide the width, are errors of use', () => {
  expect(() => VitBackbone.dimensions(small(), [5, 9])).toThrow(
    expect.objectContaining({ name: 'UsageError', hints: ['data.crop_size=[4,8]'] }),
  );
  expect(() => VitBackbone.dimensions(small({ num_heads: 3 }), [4, 8])).toThrow(
    expect.objectContaining({ name: 'UsageError', hints: ['model.backbone.num_heads=2'] }),
  );
});

test.each([
  [true, 3],
  [false, 1],
])('positions before every block: %s; never on the class token', (everyLayer, calls) => {
  const positions = new CountingPositions();
  const vit = build(small({ pos_embed_every_layer: everyLayer }), classToken, positions);
  vit.forward(tf.ones([2, 3, 4, 8]), evaluation);
  expect(positions.calls.map(({ tokens }) => tokens)).toEqual(Array(calls).fill(4));
  expect(new Set(positions.calls.map(({ scope }) => scope)).size).toBe(calls);
});

test('attention maps come when asked for, one a block, and sum to 1 over keys', () => {
  const images = tf.reshape(tf.sin(tf.range(0, 192)), [2, 3, 4, 8]) as tf.Tensor4D;
  expect(build(small()).forward(images, evaluation).attention).toBeUndefined();
  const { attention } = build(small(), classToken).forward(images, { ...evaluation, attention: true });
  expect(attention!.map(({ shape }) => shape)).toEqual(Array(3).fill([2, 2, 5, 5]));
  for (const sum of tf.sum(attention![0]!, -1).dataSync()) expect(sum).toBeCloseTo(1, 5);
});

test('dropout and drop path act in training only', () => {
  const vit = build(small({ block_drop: 0.5, block_attn_drop: 0.5, drop_path: 0.5 }));
  const images = tf.reshape(tf.sin(tf.range(0, 192)), [2, 3, 4, 8]) as tf.Tensor4D;
  const run = (mode: Mode): number[] => Array.from(vit.forward(images, mode).features.dataSync());
  expect(run({ training: true, step: 1 })).not.toEqual(run(evaluation));
  expect(run({ training: true, step: 1 })).toEqual(run({ training: true, step: 1 }));
  expect(run({ training: true, step: 1 })).not.toEqual(run({ training: true, step: 2 }));
});

test('blocks start at N(0, 0.02) with bias 0, the patches at the default of torch', () => {
  const parameters = build(small({ embed_dim: 64 })).namedParameters();
  const std = (name: string): number => tf.moments(parameters.get(name)!).variance.dataSync()[0]! ** 0.5;
  expect(std('attn_blocks.0.attn.proj_qkv.0.weight')).toBeCloseTo(0.02, 3);
  expect(std('attn_blocks.0.mlp.fc1.bias')).toBe(0);
  const bound = 1 / Math.sqrt(3 * 2 * 4);
  expect(std('patch_emb.proj.weight')).toBeCloseTo(bound / Math.sqrt(3), 2);
  expect(Math.max(...parameters.get('patch_emb.proj.weight')!.dataSync())).toBeLessThanOrEqual(bound);
});

test('no block leaves anything behind but its output', () => {
  const left = (num_layers: number, pooling: Pooling): number => {
    const vit = build(small({ num_layers }), pooling, new CountingPositions());
    const images = tf.ones([2, 3, 4, 8]) as tf.Tensor4D;
    const before = tf.memory().numTensors;
    vit.forward(images, evaluation);
    return tf.memory().numTensors - before;
  };
  expect(left(3, mean)).toBe(left(1, mean));
  expect(left(3, classToken)).toBe(left(1, classToken));
});
