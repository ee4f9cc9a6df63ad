import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../backend';
import type { CHOICES } from '../kernel-table';
import { transposed } from './copies';
import { isFloat, type Kernel, type Kernels } from './registration';

/** Axes that lie side by side are reduced in place; others are brought to the end first. */
const reduction =
  (op: (typeof CHOICES.Reduce)[number], mean = false): Kernel =>
  ({ inputs, attrs, backend }) => {
    const x = inputs['x']!;
    if (!isFloat(x)) return null;
    const axisParam = (attrs['reductionIndices'] ?? attrs['axis']) as number | number[];
    const axes = tf.util.parseAxisParam(axisParam, x.shape).sort((a, b) => a - b);
    const reduced = x.shape.map((_, axis) => axes.includes(axis));
    const kept = x.shape.filter((_, axis) => !reduced[axis]);
    const shape = attrs['keepDims'] ? x.shape.map((side, axis) => (reduced[axis] ? 1 : side)) : kept;
    const n = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
    const y = backend.output(shape);
    const together = axes.every((axis, i) => i === 0 || axis === axes[i - 1]! + 1);
    const scale = mean ? 1 / n : 1;
    if (together) {
      const first = axes[0] ?? x.shape.length;
      const outer = sizeOf(x.shape.slice(0, first));
      const inner = sizeOf(x.shape.slice(first + axes.length));
      backend.run('reduce', { op, outer, n, inner, scale, x, y });
      return y;
    }
    const perm = [...x.shape.keys()].filter((axis) => !reduced[axis]).concat(axes);
    const moved = transposed(backend, x, perm);
    backend.run('reduce', { op, outer: sizeOf(kept), n, inner: 1, scale, x: moved, y });
    backend.disposeData(moved.dataId);
    return y;
  };

export const reductions: Kernels = {
  Sum: reduction('sum'),
  Mean: reduction('sum', true),
  Max: reduction('max'),
  Min: reduction('min'),
  Softmax: ({ inputs, attrs, backend }) => {
    const x = inputs['logits']!;
    if (!isFloat(x)) return null;
    const axis = tf.util.parseAxisParam(attrs['dim'] as number, x.shape)[0]!;
    const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
    const y = backend.output(x.shape);
    backend.run('softmax', { outer, n: x.shape[axis]!, inner, x, y });
    return y;
  },
};
