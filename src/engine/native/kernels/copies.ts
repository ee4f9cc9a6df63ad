/** Ops that only move values. */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf, type EngineBackend } from '../backend';
import { broadcastStrides, planOf, PlanCache, stridesOf } from '../strided';
import { filled } from './elementwise';
import { isFloat, listOf, type Kernel, type Kernels } from './registration';

const plans = new PlanCache<Int32Array>();

/** Copies `dims` values from `x` at `from` to `y` at `to`, each with its strides. */
function copy(
  backend: EngineBackend,
  [x, from, stridesX]: [tf.TensorInfo, number, readonly number[]],
  [y, to, stridesY]: [tf.TensorInfo, number, readonly number[]],
  dims: readonly number[],
): void {
  if (sizeOf(dims) === 0) return;
  const key = `${dims.join()}|${stridesX.join()}|${stridesY.join()}`;
  const plan = plans.get(key, () => planOf(dims, stridesX, stridesY));
  backend.run('copy', { from, to, plan, x, y });
}

export function transposed(backend: EngineBackend, x: tf.TensorInfo, perm: readonly number[]): tf.TensorInfo {
  const strides = stridesOf(x.shape);
  const shape = perm.map((axis) => x.shape[axis]!);
  const y = backend.output(shape);
  copy(backend, [x, 0, perm.map((axis) => strides[axis]!)], [y, 0, stridesOf(shape)], shape);
  return y;
}

function sliced(
  backend: EngineBackend,
  x: tf.TensorInfo,
  begin: readonly number[],
  size: readonly number[],
): tf.TensorInfo {
  const strides = stridesOf(x.shape);
  const y = backend.output(size);
  const from = begin.reduce((sum, at, axis) => sum + at * strides[axis]!, 0);
  copy(backend, [x, from, strides], [y, 0, stridesOf(size)], size);
  return y;
}

/** Parts along an axis, of the given sizes. */
function split(backend: EngineBackend, x: tf.TensorInfo, sizes: readonly number[], axis: number): tf.TensorInfo[] {
  let at = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, other) => (other === axis ? at : 0));
    at += size;
    return sliced(
      backend,
      x,
      begin,
      x.shape.map((side, other) => (other === axis ? size : side)),
    );
  });
}

function joined(backend: EngineBackend, xs: readonly tf.TensorInfo[], axis: number): tf.TensorInfo {
  const shape = [...xs[0]!.shape];
  shape[axis] = xs.reduce((sum, x) => sum + x.shape[axis]!, 0);
  const y = backend.output(shape);
  const strides = stridesOf(shape);
  let at = 0;
  for (const x of xs) {
    copy(backend, [x, 0, stridesOf(x.shape)], [y, at * strides[axis]!, strides], x.shape);
    at += x.shape[axis]!;
  }
  return y;
}

const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const concat: Kernel = ({ inputs, attrs, backend }) => {
  const xs = listOf(inputs);
  if (!xs.every(isFloat)) return null;
  const axis = tf.util.parseAxisParam(attrs['axis'] as number, xs[0]!.shape)[0]!;
  tf.backend_util.assertParamsConsistent(
    xs.map((x) => x.shape),
    axis,
  );
  return joined(backend, xs, axis);
};

const pack: Kernel = ({ inputs, attrs, backend }) => {
  const xs = listOf(inputs);
  if (!xs.every(isFloat)) return null;
  const axis = axisOf(attrs['axis'] as number, xs[0]!.shape.length + 1);
  for (const x of xs) {
    tf.util.assertShapesMatch(x.shape, xs[0]!.shape, 'All tensors passed to stack must have matching shapes');
  }
  const widened = xs.map((x) => ({ ...x, shape: [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)] }));
  return joined(backend, widened, axis);
};

const tile: Kernel = ({ inputs, attrs, backend }) => {
  const x = inputs['x']!;
  if (!isFloat(x)) return null;
  const reps = attrs['reps'] as number[];
  const shape = x.shape.map((side, axis) => side * reps[axis]!);
  const y = backend.output(shape);
  const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
  // two axes for one: the repetition, and the values
  copy(
    backend,
    [x, 0, from.flatMap((stride) => [0, stride])],
    [y, 0, to.flatMap((stride, axis) => [stride * x.shape[axis]!, stride])],
    x.shape.flatMap((side, axis) => [reps[axis]!, side]),
  );
  return y;
};

export const copies: Kernels = {
  Transpose: ({ inputs, attrs, backend }) =>
    isFloat(inputs['x']!) ? transposed(backend, inputs['x']!, attrs['perm'] as number[]) : null,
  Slice: ({ inputs, attrs, backend }) => {
    const x = inputs['x']!;
    if (!isFloat(x)) return null;
    const { begin: from, size: sizes } = attrs as { begin: number[]; size: number[] };
    const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, from, sizes) as [number[], number[]];
    tf.slice_util.assertParamsValid(x, begin, size);
    return sliced(backend, x, begin, size);
  },
  SplitV: ({ inputs, attrs, backend }) => {
    const x = inputs['x']!;
    if (!isFloat(x)) return null;
    const axis = tf.util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, attrs['numOrSizeSplits'] as number[], axis);
    return split(backend, x, sizes, axis);
  },
  Unpack: ({ inputs, attrs, backend }) => {
    const x = inputs['value']!;
    if (!isFloat(x)) return null;
    const axis = axisOf(attrs['axis'] as number, x.shape.length);
    const shape = x.shape.filter((_, other) => other !== axis);
    const sizes = new Array<number>(x.shape[axis]!).fill(1);
    return split(backend, x, sizes, axis).map((part) => ({ ...part, shape }));
  },
  Concat: concat,
  Pack: pack,
  Tile: tile,
  BroadcastTo: ({ inputs, attrs, backend }) => {
    const x = inputs['x']!;
    const shape = attrs['shape'] as number[];
    if (!isFloat(x)) return null;
    const y = backend.output(shape);
    copy(backend, [x, 0, broadcastStrides(x.shape, shape)], [y, 0, stridesOf(shape)], shape);
    return y;
  },
  PadV2: ({ inputs, attrs, backend }) => {
    const x = inputs['x']!;
    if (!isFloat(x)) return null;
    const paddings = attrs['paddings'] as [number, number][];
    const shape = x.shape.map((side, axis) => side + paddings[axis]![0] + paddings[axis]![1]);
    const y = filled(backend, shape, attrs['constantValue'] as number);
    const strides = stridesOf(shape);
    const to = paddings.reduce((sum, [before], axis) => sum + before * strides[axis]!, 0);
    copy(backend, [x, 0, stridesOf(x.shape)], [y, to, strides], x.shape);
    return y;
  },
};
