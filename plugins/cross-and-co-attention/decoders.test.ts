import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { Module, RandomSource, type Mode, type PosEmbed } from 'osc-trainer/sdk';
import { CrossAttentionBlock, LayerNorm } from 'osc-trainer/sdk/nn';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { CoAttentionDecoder, CrossAttentionDecoder } from './index';
import { options as schema, type DecoderOptions } from './options';

const small = { num_layers: 2, num_heads: 2 };
const drops = { block_drop: 0.2, block_attn_drop: 0.2, drop_path: 0.2 };
testComponent(CrossAttentionDecoder, { options: small });
testComponent(CrossAttentionDecoder, {
  title: 'contract of obj_fn "cross-attention" with dropout everywhere',
  options: { ...small, ...drops },
});
testComponent(CoAttentionDecoder, { options: small });
testComponent(CoAttentionDecoder, {
  title: 'contract of obj_fn "co-attention" with dropout everywhere',
  options: { ...small, ...drops },
});
for (const decoder of [CrossAttentionDecoder, CoAttentionDecoder]) {
  testOptions(decoder, {
    valid: [{}, { num_layers: 1, mlp_ratio: 0.5, ...drops }],
    invalid: [
      { options: { num_layers: 0 }, message: /num_layers/ },
      { options: { num_heads: 1.5 }, message: /num_heads/ },
      { options: { drop_path: 1.5 }, message: /drop_path/ },
    ],
  });
}

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

const evaluation: Mode = { training: false, step: 0 };
const queries = (): tf.Tensor3D => tf.reshape(tf.sin(tf.range(0, 24)), [2, 3, 4]);
const features = (): tf.Tensor3D => tf.reshape(tf.cos(tf.range(0, 40)), [2, 5, 4]);

function make<T>(
  decoder: new (
    options: DecoderOptions,
    dimensions: { embedDim: number },
    posEmbed: PosEmbed | null,
    random: RandomSource,
  ) => T,
  options: Partial<DecoderOptions> = {},
  posEmbed: PosEmbed | null = null,
): T {
  return new decoder(schema.parse({ ...small, ...options }), { embedDim: 4 }, posEmbed, new RandomSource(2));
}

/** Weights large enough that every branch matters. */
function excite(module: Module): void {
  let seed = 0;
  for (const parameter of module.namedParameters().values()) {
    const values = new RandomSource(seed++).stream('weights').normals(parameter.size, 0.3, 0.5);
    parameter.assign(tf.tensor(values, parameter.shape));
  }
}

/** A block with the weights of a decoder's under `prefix`. */
function blockOf(decoder: Module, prefix: string): CrossAttentionBlock {
  const block = new CrossAttentionBlock({ dim: 4, numHeads: 2, mlpRatio: 2 }, new RandomSource(0));
  const weights = decoder.namedParameters();
  for (const [name, parameter] of block.namedParameters()) parameter.assign(weights.get(`${prefix}.${name}`)!);
  return block;
}

function normOf(decoder: Module): LayerNorm {
  const norm = new LayerNorm(4);
  const weights = decoder.namedParameters();
  for (const [name, parameter] of norm.namedParameters()) parameter.assign(weights.get(`inputs_norm.${name}`)!);
  return norm;
}

function expectSame(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(1e-5);
}

test('cross-attention: slots pass through the blocks, the tokens stay', () => {
  const decoder = make(CrossAttentionDecoder);
  excite(decoder);
  const [first, second] = [0, 1].map((i) => blockOf(decoder, `attn_blocks.${i}`));
  const context = normOf(decoder).forward(features());
  const once = first!.forward(queries(), context, evaluation).out;
  const expected = second!.forward(once, context, evaluation).out;
  expectSame(decoder.forward(queries(), features(), evaluation).slots, expected);
});

test('co-attention: both sides are updated at once, from what they were at the input of a block', () => {
  const decoder = make(CoAttentionDecoder, { num_layers: 3 });
  excite(decoder);
  const block = (i: number, side: string): CrossAttentionBlock => blockOf(decoder, `attn_blocks.${i}.${side}`);
  let [x, c] = [queries(), normOf(decoder).forward(features())];
  for (const i of [0, 1]) {
    [x, c] = [block(i, 'cross_a_b').forward(x, c, evaluation).out, block(i, 'cross_b_a').forward(c, x, evaluation).out];
  }
  expectSame(
    decoder.forward(queries(), features(), evaluation).slots,
    block(2, 'cross_a_b').forward(x, c, evaluation).out,
  );
  const ofLast = [...decoder.namedParameters().keys()].filter((name) => name.startsWith('attn_blocks.2'));
  expect(ofLast.every((name) => name.startsWith('attn_blocks.2.cross_a_b.'))).toBe(true);
});

test.each([CrossAttentionDecoder, CoAttentionDecoder])(
  '%p: maps are the cross-attention of slots to tokens, mean of the heads, one a block',
  (Decoder) => {
    const decoder = make<CrossAttentionDecoder | CoAttentionDecoder>(Decoder);
    excite(decoder);
    const { attention } = decoder.forward(queries(), features(), { ...evaluation, attention: true });
    expect(attention!.map(({ shape }) => shape)).toEqual(Array(2).fill([2, 3, 5]));
    for (const map of attention!) for (const sum of tf.sum(map, -1).dataSync()) expect(sum).toBeCloseTo(1, 5);
    const prefix = Decoder === CrossAttentionDecoder ? 'attn_blocks.0' : 'attn_blocks.0.cross_a_b';
    const context = normOf(decoder).forward(features());
    const heads = blockOf(decoder, prefix).forward(queries(), context, { ...evaluation, attention: true }).attention!;
    expectSame(attention![0]!, tf.mean(heads, 1));
    expect(tf.max(tf.abs(tf.sub(attention![0]!, 0.2))).dataSync()[0]).toBeGreaterThan(0.01);
  },
);

test.each([CrossAttentionDecoder, CoAttentionDecoder])('%p: positions are added to the tokens once', (Decoder) => {
  const calls: (string | undefined)[] = [];
  class Positions extends Module implements PosEmbed {
    forward(tokens: tf.Tensor3D, mode: Mode): tf.Tensor3D {
      calls.push(mode.scope);
      return tf.add(tokens, tf.reshape(tf.range(0, 20), [5, 4]));
    }
  }
  const [plain, placed] = [null, new Positions()].map((positions) => {
    const decoder = make<CrossAttentionDecoder | CoAttentionDecoder>(Decoder, {}, positions);
    excite(decoder);
    return decoder.forward(queries(), features(), evaluation).slots;
  });
  expect(calls).toEqual(['obj_fn']);
  expect(tf.max(tf.abs(tf.sub(plain!, placed!))).dataSync()[0]).toBeGreaterThan(1e-3);
});

test.each([CrossAttentionDecoder, CoAttentionDecoder])('%p: each kind of dropout acts, in training only', (Decoder) => {
  const run = (mode: Mode, options: Partial<DecoderOptions>): number[] => {
    const decoder = make<CrossAttentionDecoder | CoAttentionDecoder>(Decoder, options);
    excite(decoder);
    return Array.from(decoder.forward(queries(), features(), mode).slots.dataSync());
  };
  const plain = run(evaluation, {});
  for (const option of ['block_drop', 'block_attn_drop', 'drop_path']) {
    expect(run(evaluation, { [option]: 0.5 })).toEqual(plain);
    const step1 = run({ training: true, step: 1 }, { [option]: 0.5 });
    expect(step1).not.toEqual(plain);
    expect(step1).not.toEqual(run({ training: true, step: 2 }, { [option]: 0.5 }));
  }
});

test.each([CrossAttentionDecoder, CoAttentionDecoder])('%p: heads that do not divide the width', (Decoder) => {
  expect(() => make<unknown>(Decoder, { num_heads: 3 })).toThrow(
    expect.objectContaining({ name: 'UsageError', hints: ['model.obj_fn.num_heads=2'] }),
  );
});
