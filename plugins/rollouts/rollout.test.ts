import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { ViewedModel } from 'osc-trainer/sdk';
import { modelRollouts, type ModelRollouts } from './model-rollouts';
import { crossAttentionRollout, selfAttentionRollout, slotAttentionRollout } from './rollout';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
function expectClose(actual: tf.Tensor, expected: readonly number[]): void {
  expect(actual.size).toBe(expected.length);
  values(actual).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
}

describe('self-attention', () => {
  // token 0 looks at token 1 in both layers, token 1 at itself
  const layer = (): tf.Tensor4D => tf.tensor4d([0, 1, 0, 1], [1, 1, 2, 2]);

  test('half of each layer is the token itself', () => {
    expectClose(selfAttentionRollout([layer(), layer()]), [0.25, 0.75, 0, 1]);
  });

  test('the later layer stands on the left', () => {
    const swap = tf.tensor4d([0, 1, 1, 0], [1, 1, 2, 2]);
    // the last layer: token 0 to itself, token 1 to token 0
    const last = tf.tensor4d([1, 0, 1, 0], [1, 1, 2, 2]);
    expectClose(selfAttentionRollout([swap, last], { residual: false }), [0, 1, 0, 1]);
  });

  test('heads become their mean or maximum', () => {
    const heads = tf.tensor4d([0, 1, 0, 1, 0.5, 0.5, 1, 0], [1, 2, 2, 2]);
    expectClose(selfAttentionRollout([heads], { residual: false }), [0.25, 0.75, 0.5, 0.5]);
    expectClose(selfAttentionRollout([heads], { heads: 'max', residual: false }), [0.5, 1, 1, 1]);
  });
});

test('slot attention: the last iteration counts half, or all count alike', () => {
  const maps = [
    [1, 0],
    [0, 3],
    [1, 1],
  ].map((map) => tf.tensor3d(map, [1, 1, 2]));
  // (1, 0) → (0.5, 0.5) → (0.5, 0.5)
  expectClose(slotAttentionRollout(maps), [0.5, 0.5]);
  expectClose(slotAttentionRollout(maps.slice(0, 2).reverse()), [0.5, 0.5]);
  expectClose(slotAttentionRollout([maps[1]!, maps[1]!, maps[0]!]), [0.5, 0.5]);
  expectClose(slotAttentionRollout([maps[1]!, maps[1]!, maps[0]!], 'all'), [1 / 3, 2 / 3]);
});

test('a decoder: slots that only attend to themselves look where their cross-attention looks', () => {
  const self = tf.tensor3d([1, 0, 0, 1], [1, 2, 2]);
  const cross = tf.tensor3d([0.2, 0.8, 0.6, 0.4], [1, 2, 2]);
  expectClose(crossAttentionRollout([self], [cross]), [0.2, 0.8, 0.6, 0.4]);
  expect(() => crossAttentionRollout([self, self], [cross])).toThrow('2 maps among slots and 1 to patch tokens');
});

test('no layers: no rollout', () => {
  expect(() => selfAttentionRollout([])).toThrow(RangeError);
  expect(() => slotAttentionRollout([])).toThrow(RangeError);
  expect(() => crossAttentionRollout([], [])).toThrow(RangeError);
});

describe('of a model', () => {
  /** Two patch tokens, both of which look at patch 1; of a class token, if there is one, at patch 0. */
  const backbone = (classToken: boolean): tf.Tensor4D =>
    classToken ? tf.tensor4d([0, 1, 0, 0, 0, 1, 0, 0, 1], [1, 1, 3, 3]) : tf.tensor4d([0, 1, 0, 1], [1, 1, 2, 2]);
  const modelOf = (attention: object, globalFromSlots = false): ViewedModel =>
    ({ globalFromSlots, dimensions: { numTokens: 2 }, forward: () => ({ attention }) }) as unknown as ViewedModel;
  const images = (): tf.Tensor4D => tf.zeros([1, 3, 2, 2]);
  const slots = (): tf.Tensor3D[] => [tf.tensor3d([1, 0, 0, 1], [1, 2, 2])];

  test('without a class token the pooled vector is the mean of the patch tokens', () => {
    const rollouts = modelRollouts(modelOf({ backbone: [backbone(false)], objects: [] }), images())!;
    expectClose(rollouts.backbone, [0.25, 0.75]);
    expectClose(rollouts.global, [0.25, 0.75]);
    expect(rollouts.slots).toBeNull();
  });

  test('a class token is left out of the patches, and is where the global representation comes from', () => {
    const rollouts = modelRollouts(modelOf({ backbone: [backbone(true)], objects: [] }), images())!;
    expectClose(rollouts.backbone, [0.25, 0.75]);
    expectClose(rollouts.global, [1, 0]);
  });

  test('slots look through the backbone, and the global representation through the slots where it is made of them', () => {
    const attention = { backbone: [backbone(false)], objects: slots() };
    const rollouts = modelRollouts(modelOf(attention, true), images())!;
    expectClose(rollouts.slots!.tokens, [1, 0, 0, 1]);
    expectClose(rollouts.slots!.image, [0.5, 0.5, 0, 1]);
    expectClose(rollouts.global, [0.25, 0.75]);
  });

  test('maps among slots are followed', () => {
    // both slots are made of slot 1
    const slotSelfAttention = [tf.tensor3d([0, 1, 0, 1], [1, 2, 2])];
    const attention = { backbone: [backbone(false)], objects: slots(), slotSelfAttention };
    const { tokens } = modelRollouts(modelOf(attention), images())!.slots!;
    expectClose(tokens, values(crossAttentionRollout(slotSelfAttention, attention.objects)));
    expect(values(tokens)).not.toEqual([1, 0, 0, 1]);
  });

  test('a backbone without maps has no rollout', () => {
    expect(modelRollouts(modelOf({ backbone: [], objects: slots() }), images())).toBeNull();
  });

  test('leaves no tensors but its own', () => {
    const model = modelOf({ backbone: [backbone(false)], objects: slots() });
    const input = images();
    const before = tf.memory().numTensors;
    const { backbone: mean, global, slots: ofSlots }: ModelRollouts = modelRollouts(model, input)!;
    expect(tf.memory().numTensors - before).toBe(4);
    tf.dispose([mean, global, ofSlots!.tokens, ofSlots!.image]);
  });
});
