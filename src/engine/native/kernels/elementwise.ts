import * as tf from '@tensorflow/tfjs-core';
import { sizeOf, type EngineBackend } from '../backend';
import { CHOICES } from '../kernel-table';
import { broadcastStrides, planOf, PlanCache } from '../strided';
import { isFloat, listOf, type Kernel, type Kernels } from './registration';

const unary =
  (op: (typeof CHOICES.Unary)[number]): Kernel =>
  ({ inputs, attrs, backend }) => {
    const x = inputs['x']!;
    if (!isFloat(x)) return null;
    const y = backend.output(x.shape);
    backend.run('unary', { op, alpha: (attrs?.['alpha'] as number | undefined) ?? 0, n: sizeOf(x.shape), x, y });
    return y;
  };

interface BinaryPlan {
  readonly shape: number[];
  readonly plan: Int32Array;
}
const plans = new PlanCache<BinaryPlan>();

function binaryPlan(a: readonly number[], b: readonly number[]): BinaryPlan {
  return plans.get(`${a.join()}|${b.join()}`, () => {
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a as number[], b as number[]);
    return { shape, plan: planOf(shape, broadcastStrides(a, shape), broadcastStrides(b, shape)) };
  });
}

const binary =
  (op: (typeof CHOICES.Binary)[number]): Kernel =>
  ({ inputs, backend }) => {
    const [a, b] = [inputs['a']!, inputs['b']!];
    if (!isFloat(a) || !isFloat(b)) return null;
    const { shape, plan } = binaryPlan(a.shape, b.shape);
    const y = backend.output(shape);
    backend.run('binary', { op, plan, a, b, y });
    return y;
  };

const addN: Kernel = ({ inputs, backend }) => {
  const xs = listOf(inputs);
  if (xs.length < 2 || !xs.every(isFloat)) return null;
  const plan = Int32Array.of(sizeOf(xs[0]!.shape), 1, 1);
  let sum = xs[0]!;
  for (const x of xs.slice(1)) {
    const next = backend.output(x.shape);
    backend.run('binary', { op: 'Add', plan, a: sum, b: x, y: next });
    if (sum !== xs[0]) backend.disposeData(sum.dataId);
    sum = next;
  }
  return sum;
};

export function filled(backend: EngineBackend, shape: readonly number[], value: number): tf.TensorInfo {
  const y = backend.output(shape);
  backend.run('fill', { value, n: sizeOf(shape), y });
  return y;
}

const like =
  (value: number): Kernel =>
  ({ inputs, backend }) =>
    isFloat(inputs['x']!) ? filled(backend, inputs['x']!.shape, value) : null;

const identity: Kernel = ({ inputs, backend }) => backend.share(inputs['x']!, inputs['x']!.shape);

export const elementwise: Kernels = {
  ...Object.fromEntries(CHOICES.Unary.filter((op) => op !== 'scale').map((op) => [op, unary(op)])),
  ...Object.fromEntries(CHOICES.Binary.map((op) => [op, binary(op)])),
  AddN: addN,
  ZerosLike: like(0),
  OnesLike: like(1),
  Fill: ({ attrs, backend }) => {
    const { shape, value, dtype } = attrs as { shape: number[]; value: unknown; dtype?: string };
    return typeof value === 'number' && (dtype ?? 'float32') === 'float32' ? filled(backend, shape, value) : null;
  },
  Identity: identity,
  Reshape: ({ inputs, attrs, backend }) => {
    const x = inputs['x']!;
    if (x.dtype === 'complex64') return null; // its parts have shapes too
    const size = sizeOf(x.shape);
    const shape = tf.util.inferFromImplicitShape(attrs['shape'] as number[], size);
    tf.util.assert(sizeOf(shape) === size, () => `Cannot reshape [${x.shape}] to [${shape}].`);
    return backend.share(x, shape);
  },
  Cast: (call) => {
    const x = call.inputs['x']!;
    if (x.dtype === call.attrs['dtype']) return identity(call);
    if (call.attrs['dtype'] !== 'float32' || (x.dtype !== 'int32' && x.dtype !== 'bool')) return null;
    const y = call.backend.output(x.shape);
    call.backend.floats(y).set(call.backend.integers(x));
    return y;
  },
};
