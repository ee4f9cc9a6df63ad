/** Accumulated and clipped gradients against what PyTorch recorded (make_expected.py). */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { Module, type Loss, type ModelOutputs } from 'osc-trainer/sdk';
import { AdamW } from '../../../plugins/adam';
import { Objective, trainStep } from '../../../src/training';

interface Case {
  readonly batches: readonly number[];
  readonly clip: number | null;
  readonly start: Readonly<Record<'a' | 'b', number[]>>;
  readonly end: Readonly<Record<'a' | 'b', number[]>>;
  readonly steps: readonly {
    readonly images: readonly number[][];
    readonly fit: number;
    readonly small: number;
    readonly grad_norm: number;
  }[];
}

const { cases } = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as { cases: Case[] };

class TwoMatrices extends Module {
  readonly a;
  readonly b;

  constructor({ start }: Case) {
    super();
    this.a = this.parameter<tf.Rank.R2>('a', [4, 12], () => Float32Array.from(start.a));
    this.b = this.parameter<tf.Rank.R2>('b', [3, 4], () => Float32Array.from(start.b));
  }

  forward(images: tf.Tensor4D): ModelOutputs {
    const fGlobal = tf.tanh(tf.matMul<tf.Tensor2D>(tf.reshape(images, [-1, 12]), this.a, false, true));
    const pGlobal = tf.matMul<tf.Tensor2D>(fGlobal, this.b, false, true);
    return { fBackbone: tf.zeros([1, 1, 1]), fGlobal, pGlobal, fSlots: null, pSlots: null };
  }
}

const fit: Loss = {
  usesObjects: false,
  compute: ({ outputs: { pGlobal } }) => tf.mean(tf.sum(tf.square(tf.sub(pGlobal, 1)), 1)),
};
const small: Loss = { usesObjects: false, compute: ({ outputs: { fGlobal } }) => tf.mean(tf.square(fGlobal)) };

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(value)));
  });
}

test.each(cases.map((one) => [`${one.batches.length} batches a step, clipped to ${one.clip}`, one] as const))(
  '%s: losses, norms and weights are those of PyTorch',
  (_, one) => {
    const model = new TwoMatrices(one);
    const objective = new Objective([
      { key: 'fit', loss: fit, weight: 1, packageName: null },
      { key: 'small', loss: small, weight: 0.3, packageName: null },
    ]);
    const optimizer = new AdamW({ betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.1 });
    const before = tf.memory().numTensors;
    one.steps.forEach((recorded, step) => {
      const batches = recorded.images.map((pixels) => ({
        images: () => tf.tensor4d(pixels, [pixels.length / 12, 3, 2, 2]),
        mode: { training: true, step },
      }));
      const result = trainStep({ model, objective, optimizer }, batches, {
        learningRate: 0.01,
        clipGradNorm: one.clip,
      });
      expectClose([result.losses['fit']!, result.losses['small']!], [recorded.fit, recorded.small], 1e-6);
      expectClose([result.gradNorm], [recorded.grad_norm], 2e-6);
    });
    for (const name of ['a', 'b'] as const) expectClose(model[name].dataSync(), one.end[name], 2e-6);
    const ofOptimizer = [...optimizer.state().values()].filter((tensor) => !tensor.isDisposed).length;
    expect(tf.memory().numTensors - before).toBe(ofOptimizer);
    optimizer.dispose();
    model.dispose();
  },
);
