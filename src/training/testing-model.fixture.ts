/** The smallest model, loss and optimizer the trainer can train: for its unit tests. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { Module, type Dimensions, type ModelOutputs, type Optimizer } from '../sdk';
import type { WeightedLoss } from './objective';

export async function chooseEngineForTest(): Promise<void> {
  tf.enableProdMode();
  await tf.setBackend('cpu');
}

/** pGlobal = weight * mean of the image. */
export class TinyModel extends Module {
  readonly usesObjects = false;
  readonly dimensions: Dimensions = { imageSize: [2, 2], grid: [1, 1], numTokens: 1, embedDim: 1 };
  readonly weight = this.parameter<tf.Rank.R1>('weight', [1], () => Float32Array.of(0.5));

  forward(images: tf.Tensor4D): ModelOutputs {
    const pGlobal = tf.reshape(tf.mul(tf.mean(images, [1, 2, 3]), this.weight), [-1, 1]);
    return { pGlobal, fGlobal: pGlobal, fBackbone: tf.zeros([1, 1, 1]), fSlots: null, pSlots: null } as ModelOutputs;
  }
}

export function makeLoss(): WeightedLoss {
  return {
    key: 'l_global',
    weight: 1,
    packageName: null,
    loss: {
      usesObjects: false,
      compute: ({ outputs: { pGlobal } }, reduction) => {
        const each = tf.square(tf.sub(pGlobal, 1));
        return reduction === 'none' ? each : tf.mean(each);
      },
    },
  };
}

/** Gradient descent with momentum: it has state, so that a resume without it is found out. */
export function makeOptimizer(): Optimizer {
  let momentum: tf.Tensor | undefined;
  return {
    step(parameters, gradients, learningRate) {
      const weight = parameters.get('weight')!;
      const next = tf.tidy(() => tf.add(tf.mul(momentum ?? 0, 0.9), gradients.get('weight')!));
      momentum?.dispose();
      momentum = next;
      tf.tidy(() => {
        weight.assign(tf.sub(weight, tf.mul(learningRate, next)));
      });
    },
    state: () => new Map(momentum ? [['momentum', momentum]] : []),
    loadState(state) {
      momentum?.dispose();
      momentum = state.has('momentum') ? tf.clone(state.get('momentum')!) : undefined;
    },
    dispose: () => momentum?.dispose(),
  };
}
