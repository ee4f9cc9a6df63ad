import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../backend';
import { broadcastStrides, PlanCache } from '../strided';
import { isFloat, type Kernels } from './registration';

interface MatmulPlan {
  readonly shape: number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Where the operands of each product begin. */
  readonly offsets: Int32Array;
}
const plans = new PlanCache<MatmulPlan>();

function planOf(a: readonly number[], b: readonly number[], transposeA: boolean, transposeB: boolean): MatmulPlan {
  const [rowsA, columnsA] = a.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.slice(-2) as [number, number];
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [kb, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  tf.util.assert(k === kb, () => `matMul: inner sizes of [${a}] and [${b}] differ: ${k} and ${kb}.`);
  const [outerA, outerB] = [a.slice(0, -2), b.slice(0, -2)];
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  const [stridesA, stridesB] = [broadcastStrides(outerA, outer), broadcastStrides(outerB, outer)];
  const batch = sizeOf(outer);
  const offsets = new Int32Array(2 * batch);
  for (let i = 0; i < batch; i++) {
    for (let axis = outer.length - 1, rest = i; axis >= 0; axis--) {
      const at = rest % outer[axis]!;
      rest = (rest - at) / outer[axis]!;
      offsets[2 * i]! += at * stridesA[axis]! * m * k;
      offsets[2 * i + 1]! += at * stridesB[axis]! * k * n;
    }
  }
  return { shape: [...outer, m, n], m, n, k, offsets };
}

export const matmul: Kernels = {
  BatchMatMul: ({ inputs, attrs, backend }) => {
    const [a, b] = [inputs['a']!, inputs['b']!];
    if (!isFloat(a) || !isFloat(b)) return null;
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const key = `${a.shape.join()}|${b.shape.join()}|${transposeA}|${transposeB}`;
    const { shape, m, n, k, offsets } = plans.get(key, () => planOf(a.shape, b.shape, transposeA, transposeB));
    const y = backend.output(shape);
    backend.run('matmul', { batch: offsets.length / 2, m, n, k, transposeA, transposeB, offsets, a, b, c: y });
    return y;
  },
};
