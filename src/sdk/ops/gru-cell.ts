import * as tf from '@tensorflow/tfjs-core';
import { linear } from './linear';
import { runOp, withGradient } from './op-registry';

export interface GruWeights {
  /** `[3C, I]` */
  readonly weightIh: tf.Tensor2D;
  /** `[3C, C]` */
  readonly weightHh: tf.Tensor2D;
  /** `[3C]` */
  readonly biasIh: tf.Tensor1D;
  /** `[3C]` */
  readonly biasHh: tf.Tensor1D;
}

/** `[R, 3C]` → three `[R, C]`. */
const gates = (packed: tf.Tensor2D): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] =>
  tf.split(packed, 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];

/**
 * One step of a GRU with torch's gates: `r = σ(·)`, `z = σ(·)`, `n = tanh(W_in u + b_in + r (W_hn h + b_hn))`,
 * `h' = (1 - z) n + z h`.
 *
 * @param input `[R, I]`
 * @param hidden `[R, C]`
 * @returns `[R, C]`
 */
export function gruCell(input: tf.Tensor2D, hidden: tf.Tensor2D, weights: GruWeights): tf.Tensor2D {
  const fromInput = linear(input, weights.weightIh, weights.biasIh);
  const fromHidden = linear(hidden, weights.weightHh, weights.biasHh);
  return runOp('OscGruGates', { fromInput, fromHidden, hidden }, {}, () =>
    withGradient<tf.Tensor2D>([fromInput, fromHidden, hidden], () => {
      const [ir, iz, inn] = gates(fromInput);
      const [hr, hz, hn] = gates(fromHidden);
      const r = tf.sigmoid(tf.add(ir, hr));
      const z = tf.sigmoid(tf.add(iz, hz));
      const n = tf.tanh(tf.add(inn, tf.mul(r, hn)));
      return {
        value: tf.add<tf.Tensor2D>(n, tf.mul(z, tf.sub(hidden, n))),
        saved: [r, z, n, hn, hidden],
        gradient: (dy, saved) => {
          const [r, z, n, hn, hidden] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
          const dn = tf.mul<tf.Tensor2D>(tf.mul(dy, tf.sub(1, z)), tf.sub(1, tf.square(n)));
          const dz = tf.mul<tf.Tensor2D>(tf.mul(dy, tf.sub(hidden, n)), tf.mul(z, tf.sub(1, z)));
          const dr = tf.mul<tf.Tensor2D>(tf.mul(dn, hn), tf.mul(r, tf.sub(1, r)));
          return [tf.concat([dr, dz, dn], 1), tf.concat([dr, dz, tf.mul<tf.Tensor2D>(dn, r)], 1), tf.mul(dy, z)];
        },
      };
    }),
  );
}
