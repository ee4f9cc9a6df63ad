/** Kernels of the ops in sdk/ops, whose files say what their inputs and attributes are. Gradients: gradients.ts. */
import type * as tf from '@tensorflow/tfjs-core';
import { sizeOf, type EngineBackend } from '../backend';
import { ACTIVATION, UNARY, type Argument } from '../library';
import { isFloat, listOf, type Kernel, type KernelCall, type Kernels } from './registration';

export const widthOf = (x: { shape: number[] }): number => x.shape[x.shape.length - 1]!;
/** Rows of the last axis. */
export const rowsOf = (x: { shape: number[] }): number => sizeOf(x.shape.slice(0, -1));

/** Values of a tensor that may be left out. */
export const floatsOrNull = (backend: EngineBackend, x: tf.TensorInfo | undefined): Float32Array | null =>
  x ? backend.floats(x) : null;

/** Inputs are float32, all of them. */
const ofFloats =
  (kernel: (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[]): Kernel =>
  (call) =>
    listOf(call.inputs).every(isFloat) ? kernel(call) : null;

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
  ofFloats(({ inputs, attrs, backend }) => {
    const q = (self ? inputs['qkv'] : inputs['q'])!;
    const kv = self ? q : inputs['kv']!;
    const { heads, scale } = attrs as unknown as AttentionSizes;
    const [batch, rows, width] = q.shape as [number, number, number];
    const out = backend.output([batch, rows, self ? width / 3 : width]);
    const sums = backend.output([batch, heads, rows]);
    const sources = (self ? [q] : [q, kv]).map((x) => backend.floats(x));
    const sizes = attentionSizes(q, kv, { self, heads, scale });
    backend.ops.attention(...sizes, ...sources, backend.floats(out), backend.floats(sums));
    return [out, sums];
  });

const linear: Kernel = ofFloats(({ inputs, attrs, backend }) => {
  const { x, gamma, beta, weight, bias, residual } = inputs as Record<string, tf.TensorInfo>;
  const [out, width] = weight!.shape as [number, number];
  const y = backend.output([...x!.shape.slice(0, -1), out]);
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
  OscMlp: ofFloats(({ inputs, attrs, backend }) => {
    const tensors = MLP_INPUTS.map((name) => inputs[name]!);
    const y = backend.output(tensors[0]!.shape);
    backend.ops.mlp(...mlpArguments(backend, tensors, attrs as never), backend.floats(y));
    return y;
  }),
  OscLayerNorm: ofFloats(({ inputs, attrs, backend }) => {
    const [x, gamma, beta] = [inputs['x']!, inputs['gamma']!, inputs['beta']!];
    const y = backend.output(x.shape);
    const arrays = [x, gamma, beta, y].map((tensor) => backend.floats(tensor));
    backend.ops.layerNorm(rowsOf(x), widthOf(x), attrs['epsilon'] as number, ...arrays);
    return y;
  }),
  OscGelu: ofFloats(({ inputs, backend }) => {
    const x = inputs['x']!;
    const y = backend.output(x.shape);
    backend.ops.unary(UNARY.indexOf('gelu'), 0, backend.floats(x), backend.floats(y));
    return y;
  }),
  OscSelfAttention: attention(true),
  OscCrossAttention: attention(false),
  OscGruGates: ofFloats(({ inputs, backend }) => {
    const [input, recurrent, hidden] = [inputs['fromInput']!, inputs['fromHidden']!, inputs['hidden']!];
    const y = backend.output(hidden.shape);
    const arrays = [input, recurrent, hidden, y].map((tensor) => backend.floats(tensor));
    backend.ops.gruGates(rowsOf(hidden), widthOf(hidden), ...arrays);
    return y;
  }),
  OscL2Normalize: ofFloats(({ inputs, attrs, backend }) => {
    const x = inputs['x']!;
    const y = backend.output(x.shape);
    const arrays = [backend.floats(x), backend.floats(y)];
    backend.ops.l2Normalize(rowsOf(x), widthOf(x), attrs['epsilon'] as number, ...arrays);
    return y;
  }),
  OscCrossEntropy: ({ inputs, backend }) => {
    const [logits, targets] = [inputs['logits']!, inputs['targets']!];
    if (!isFloat(logits)) return null;
    const y = backend.output([rowsOf(logits)]);
    const arrays = [backend.floats(logits), backend.integers(targets), backend.floats(y)];
    backend.ops.crossEntropy(rowsOf(logits), widthOf(logits), ...arrays);
    return y;
  },
  OscAdamW: ofFloats(({ inputs, attrs, backend }) => {
    const state = [inputs['parameter']!, inputs['gradient']!, inputs['mean']!, inputs['meanSquare']!];
    const next = [0, 1, 2].map(() => backend.output(state[0]!.shape));
    const { beta1, rest1, beta2, rest2, rootScale, epsilon, decay, rate } = attrs as Record<string, number>;
    backend.ops.adamw(
      ...[beta1!, rest1!, beta2!, rest2!, rootScale!, epsilon!, decay!, rate!],
      ...[...state, ...next].map((tensor) => backend.floats(tensor)),
    );
    return next;
  }),
  OscKMeans: ofFloats(({ inputs, attrs, backend }) => {
    const [points, start] = [inputs['points']!, inputs['start']!];
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
