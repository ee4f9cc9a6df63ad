import * as tf from '@tensorflow/tfjs-core';
import { sumRows } from './add-rows';
import { runOp, withGradient } from './op-registry';

export interface NormWeights {
  /** `[C]` */
  readonly gamma: tf.Tensor1D;
  /** `[C]` */
  readonly beta: tf.Tensor1D;
  /** Default 1e-5. */
  readonly epsilon?: number;
}

/** Normalises the last axis (biased variance) and applies `gamma` and `beta`: `[..., C]` → `[..., C]`. */
export function layerNorm<T extends tf.Tensor>(x: T, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon = 1e-5): T {
  return runOp('OscLayerNorm', { x, gamma, beta }, { epsilon }, () =>
    withGradient<T>([x, gamma, beta], () => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      const inverseStd = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
      const normal = tf.mul(centred, inverseStd);
      return {
        value: tf.add<T>(tf.mul(normal, gamma), beta),
        saved: [normal, inverseStd, gamma],
        gradient: (dy, [normal, inverseStd, gamma]) => {
          const dNormal = tf.mul(dy, gamma!);
          const alongNormal = tf.mul(normal!, tf.mean(tf.mul(dNormal, normal!), -1, true));
          const dx = tf.mul(tf.sub(tf.sub(dNormal, tf.mean(dNormal, -1, true)), alongNormal), inverseStd!);
          return [dx, sumRows(tf.mul(dy, normal!), gamma!.size), sumRows(dy, gamma!.size)];
        },
      };
    }),
  );
}
