/** Kernels of the ops in sdk/ops, whose files say what their inputs and attributes are. Gradients: gradients.ts. */
import type * as tf from '@tensorflow/tfjs-core';
import { sizeOf, type EngineBackend } from '../backend';
import { ACTIVATION, UNARY, type Argument } from '../library';
import { softmaxOver } from './reductions';
import { type Kernel, type KernelCall, type Kernels } from './registration';
import { requireFloats, requireRank, requireShape } from './shapes';

export const widthOf = (x: { shape: number[] }): number => x.shape[x.shape.length - 1]!;
/** Rows of the last axis. */
export const rowsOf = (x: { shape: number[] }): number => sizeOf(x.shape.slice(0, -1));

/** Values of a tensor that may be left out. */
export const floatsOrNull = (backend: EngineBackend, x: tf.TensorInfo | undefined): Float32Array | null =>
  x ? backend.floats(x) : null;

/** Inputs are float32, all of them. */
const ofFloats =
  (op: string, kernel: (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[]): Kernel =>
  (call) => {
    requireFloats(op, call.inputs);
    return kernel(call);
  };

export interface AttentionSizes {
  readonly self: boolean;
  readonly heads: number;
  readonly scale: number;
}

/** The numbers that the attention ops begin with. `q` is `qkv` of a self-attention. */
export function attentionSizes(
  q: { shape: number[] },
  kv: { shape: number[] },
  { self, heads, scale }: AttentionSizes,
): Argument[] {
  const [batch, rows, width] = q.shape as [number, number, number];
  const depth = width / (self ? 3 * heads : heads);
  return [self, batch, heads, depth, rows, kv.shape[1]!, scale];
}

/** Outputs: the context, and the log2 of each row's sum of exponentials `[B, heads, rows]`, for the gradient. */
const attention = (self: boolean): Kernel =>
  ofFloats('attention', ({ inputs, attrs, backend }) => {
    const q = (self ? inputs['qkv'] : inputs['q'])!;
    const kv = self ? q : inputs['kv']!;
    const { heads, scale } = attrs as unknown as AttentionSizes;
    requireRank('attention', self ? 'qkv' : 'q', q, ['batch', 'rows', self ? '3 * width' : 'width']);
    requireRank('attention', self ? 'qkv' : 'kv', kv, ['batch', 'columns', self ? '3 * width' : '2 * width']);
    const [batch, rows, width] = q.shape as [number, number, number];
    if (!self) requireShape('attention', 'kv', kv, [batch, kv.shape[1]!, 2 * width]);
    const out = backend.output([batch, rows, self ? width / 3 : width]);
    const sums = backend.output([batch, heads, rows]);
    const sources = (self ? [q] : [q, kv]).map((x) => backend.floats(x));
    const sizes = attentionSizes(q, kv, { self, heads, scale });
    backend.ops.attention(...sizes, ...sources, backend.floats(out), backend.floats(sums));
    return [out, sums];
  });

const linear: Kernel = ofFloats('linear', ({ inputs, attrs, backend }) => {
  const { x, gamma, beta, weight, bias, residual } = inputs as Record<string, tf.TensorInfo>;
  requireRank('linear', 'weight', weight!, ['out', 'in']);
  const [out, width] = weight!.shape as [number, number];
  const leading = x!.shape.slice(0, -1);
  requireShape('linear', 'x', x, [...leading, width]);
  requireShape('linear', 'gamma', gamma, [width]);
  requireShape('linear', 'beta', beta, [width]);
  requireShape('linear', 'bias', bias, [out]);
  requireShape('linear', 'residual', residual, [...leading, out]);
  const y = backend.output([...leading, out]);
  backend.ops.linear(
    rowsOf(x!),
    width,
    out,
    (attrs['epsilon'] as number | undefined) ?? 0,
    backend.floats(x!),
    floatsOrNull(backend, gamma),
    floatsOrNull(backend, beta),
    backend.floats(weight!),
    floatsOrNull(backend, bias),
    floatsOrNull(backend, residual),
    backend.floats(y),
  );
  return y;
});

export const MLP_INPUTS = ['x', 'gamma', 'beta', 'weight1', 'bias1', 'weight2', 'bias2'] as const;

/** The arguments that the MLP ops begin with; tensors in the order of {@link MLP_INPUTS}. */
export function mlpArguments(
  backend: EngineBackend,
  tensors: readonly tf.TensorInfo[],
  { activation, epsilon }: { activation: keyof typeof ACTIVATION; epsilon: number },
): Argument[] {
  const [x, , , weight1] = tensors;
  const sizes = [rowsOf(x!), widthOf(x!), weight1!.shape[0]!, ACTIVATION[activation], epsilon];
  return [...sizes, ...tensors.map((tensor) => backend.floats(tensor))];
}

export const fused: Kernels = {
  OscLinear: linear,
  OscNormLinear: linear,
  OscMlp: ofFloats('mlp', ({ inputs, attrs, backend }) => {
    const tensors = MLP_INPUTS.map((name) => inputs[name]!);
    const width = widthOf(tensors[0]!);
    const hidden = inputs['weight1']!.shape[0]!;
    const shapes = [tensors[0]!.shape, [width], [width], [hidden, width], [hidden], [width, hidden], [width]];
    tensors.forEach((x, i) => requireShape('mlp', MLP_INPUTS[i]!, x, shapes[i]!));
    const y = backend.output(tensors[0]!.shape);
    backend.ops.mlp(...mlpArguments(backend, tensors, attrs as never), backend.floats(y));
    return y;
  }),
  OscLayerNorm: ofFloats('layerNorm', ({ inputs, attrs, backend }) => {
    const [x, gamma, beta] = [inputs['x']!, inputs['gamma']!, inputs['beta']!];
    requireShape('layerNorm', 'gamma', gamma, [widthOf(x)]);
    requireShape('layerNorm', 'beta', beta, [widthOf(x)]);
    const y = backend.output(x.shape);
    const arrays = [x, gamma, beta, y].map((tensor) => backend.floats(tensor));
    backend.ops.layerNorm(rowsOf(x), widthOf(x), attrs['epsilon'] as number, ...arrays);
    return y;
  }),
  OscGelu: ofFloats('gelu', ({ inputs, backend }) => {
    const x = inputs['x']!;
    const y = backend.output(x.shape);
    backend.ops.unary(UNARY.indexOf('gelu'), 0, backend.floats(x), backend.floats(y));
    return y;
  }),
  OscSoftmax: ofFloats('softmax', ({ inputs, attrs, backend }) =>
    softmaxOver(backend, inputs['x']!, attrs['axis'] as number),
  ),
  OscSelfAttention: attention(true),
  OscCrossAttention: attention(false),
  OscGruGates: ofFloats('gruGates', ({ inputs, backend }) => {
    const [input, recurrent, hidden] = [inputs['fromInput']!, inputs['fromHidden']!, inputs['hidden']!];
    requireRank('gruGates', 'hidden', hidden, ['rows', 'width']);
    const packed = [hidden.shape[0]!, 3 * hidden.shape[1]!];
    requireShape('gruGates', 'fromInput', input, packed);
    requireShape('gruGates', 'fromHidden', recurrent, packed);
    const y = backend.output(hidden.shape);
    const arrays = [input, recurrent, hidden, y].map((tensor) => backend.floats(tensor));
    backend.ops.gruGates(rowsOf(hidden), widthOf(hidden), ...arrays);
    return y;
  }),
  OscL2Normalize: ofFloats('l2Normalize', ({ inputs, attrs, backend }) => {
    const x = inputs['x']!;
    const y = backend.output(x.shape);
    const arrays = [backend.floats(x), backend.floats(y)];
    backend.ops.l2Normalize(rowsOf(x), widthOf(x), attrs['epsilon'] as number, ...arrays);
    return y;
  }),
  OscCrossEntropy: ({ inputs, backend }) => {
    const [logits, targets] = [inputs['logits']!, inputs['targets']!];
    requireFloats('crossEntropy', { logits });
    requireRank('crossEntropy', 'logits', logits, ['rows', 'classes']);
    requireShape('crossEntropy', 'targets', targets, [logits.shape[0]!]);
    if (targets.dtype !== 'int32') {
      throw new TypeError(`crossEntropy: targets must be int32, not ${targets.dtype} [${targets.shape.join(', ')}].`);
    }
    const y = backend.output([rowsOf(logits)]);
    const arrays = [backend.floats(logits), backend.integers(targets), backend.floats(y)];
    backend.ops.crossEntropy(rowsOf(logits), widthOf(logits), ...arrays);
    return y;
  },
  OscAdamW: ofFloats('adamw', ({ inputs, attrs, backend }) => {
    const names = ['parameter', 'gradient', 'mean', 'meanSquare'] as const;
    const state = names.map((name) => inputs[name]!);
    state.forEach((x, i) => requireShape('adamw', names[i]!, x, state[0]!.shape));
    const next = [0, 1, 2].map(() => backend.output(state[0]!.shape));
    const { beta1, rest1, beta2, rest2, rootScale, epsilon, decay, rate } = attrs as Record<string, number>;
    backend.ops.adamw(
      ...[beta1!, rest1!, beta2!, rest2!, rootScale!, epsilon!, decay!, rate!],
      ...[...state, ...next].map((tensor) => backend.floats(tensor)),
    );
    return next;
  }),
  OscKMeans: ofFloats('kmeans', ({ inputs, attrs, backend }) => {
    const [points, start] = [inputs['points']!, inputs['start']!];
    requireRank('kmeans', 'points', points, ['batch', 'points', 'width']);
    requireRank('kmeans', 'start', start, ['batch', 'clusters', 'width']);
    requireShape('kmeans', 'start', start, [points.shape[0]!, start.shape[1]!, points.shape[2]!]);
    const [batch, clusters, width] = start.shape as [number, number, number];
    const centroids = backend.output(start.shape);
    backend.floats(centroids).set(backend.floats(start));
    const { cosine, maxIterations, tolerance } = attrs as {
      cosine: boolean;
      maxIterations: number;
      tolerance: number;
    };
    backend.ops.kmeans(
      ...[cosine, batch, points.shape[1]!, clusters, width, maxIterations, tolerance],
      backend.floats(points),
      backend.floats(centroids),
    );
    return centroids;
  }),
};
