/**
 * Gradients of the fused kernels. tfjs asks for the gradient of each input on its own, and only where it is needed; a
 * kernel of ours makes them all at once. So the results are allocated when the gradient is set up, in the scope of the
 * backward pass, and filled when the first of them is asked for: one that nobody asks for is freed with that scope.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { EngineBackend } from './backend';
import { attentionSizes, MLP_INPUTS, mlpArguments, rowsOf, widthOf, type AttentionSizes } from './kernels/fused';
import { softmaxSizes } from './kernels/reductions';

type Gradients = Record<string, () => tf.Tensor>;

const engineBackend = (): EngineBackend => tf.backend() as EngineBackend;

function tensorLike(backend: EngineBackend, { shape }: { shape: number[] }): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(backend.output(shape), backend);
}

/** A function that runs `fill` the first time, and a tensor of those that it fills. */
function filledOnce(fill: () => void): (tensor: tf.Tensor) => () => tf.Tensor {
  let filled = false;
  return (tensor) => () => {
    if (!filled) fill();
    filled = true;
    return tensor;
  };
}

/**
 * Of a linear layer. dx is made only if it is asked for (images have none), and then first, as `x` is the first input:
 * dy is then read once for everything.
 */
function linearGradients(dy: tf.Tensor, saved: tf.Tensor[], attrs: { bias: boolean; epsilon?: number }): Gradients {
  const backend = engineBackend();
  const [x, weight, gamma, beta] = saved as [tf.Tensor, tf.Tensor, tf.Tensor?, tf.Tensor?];
  const [out, width] = weight.shape as [number, number];
  const dweight = tensorLike(backend, weight);
  const dbias = attrs.bias ? tensorLike(backend, { shape: [out] }) : null;
  const dnorm = gamma ? [tensorLike(backend, gamma), tensorLike(backend, gamma)] : [null, null];
  let filled = false;
  const fill = (dx: tf.Tensor | null): void => {
    const optional = (tensor: tf.Tensor | null | undefined): Float32Array | null =>
      tensor ? backend.floats(tensor) : null;
    backend.ops.linearGrad(
      ...[rowsOf(x), width, out, attrs.epsilon ?? 0],
      ...[backend.floats(x), optional(gamma), optional(beta), backend.floats(weight), backend.floats(dy)],
      ...[dx, dweight, dbias, ...dnorm].map(optional),
    );
    filled = true;
  };
  const result = (tensor: tf.Tensor | null) => () => {
    if (!filled) fill(null);
    return tensor!;
  };
  return {
    x: () => {
      const dx = tensorLike(backend, x);
      fill(dx);
      return dx;
    },
    gamma: result(dnorm[0]!),
    beta: result(dnorm[1]!),
    weight: result(dweight),
    bias: result(dbias),
    residual: () => tf.clone(dy),
  };
}

function mlpGradients(dy: tf.Tensor, saved: tf.Tensor[], attrs: tf.NamedAttrMap): Gradients {
  const backend = engineBackend();
  const gradients = saved.map((tensor) => tensorLike(backend, tensor));
  const filled = filledOnce(() => {
    const results = gradients.map((tensor) => backend.floats(tensor));
    backend.ops.mlpGrad(...mlpArguments(backend, saved, attrs as never), backend.floats(dy), ...results);
  });
  return Object.fromEntries(MLP_INPUTS.map((name, i) => [name, filled(gradients[i]!)]));
}

function layerNormGradients(dy: tf.Tensor, saved: tf.Tensor[], attrs: { epsilon: number }): Gradients {
  const backend = engineBackend();
  const [x] = saved as [tf.Tensor];
  const gradients = saved.map((tensor) => tensorLike(backend, tensor));
  const filled = filledOnce(() => {
    const arrays = [...saved, dy, ...gradients].map((tensor) => backend.floats(tensor));
    backend.ops.layerNormGrad(rowsOf(x), widthOf(x), attrs.epsilon, ...arrays);
  });
  return { x: filled(gradients[0]!), gamma: filled(gradients[1]!), beta: filled(gradients[2]!) };
}

/** The second output, the sums of rows, is for this alone: it has no gradient. */
function attentionGradients(self: boolean) {
  return ([dy]: tf.Tensor[], saved: tf.Tensor[], attrs: Omit<AttentionSizes, 'self'>): Gradients => {
    const backend = engineBackend();
    const sources = self ? saved.slice(0, 1) : saved.slice(0, 2);
    const [out, sums] = saved.slice(-2);
    const gradients = sources.map((tensor) => tensorLike(backend, tensor));
    const filled = filledOnce(() => {
      const arrays = [...sources, out!, dy!, sums!, ...gradients].map((tensor) => backend.floats(tensor));
      const sizes = attentionSizes(sources[0]!, sources[sources.length - 1]!, { self, ...attrs });
      backend.ops.attentionGrad(...sizes, ...arrays);
    });
    const names = self ? ['qkv'] : ['q', 'kv'];
    return Object.fromEntries(names.map((name, i) => [name, filled(gradients[i]!)]));
  };
}

function gruGatesGradients(dy: tf.Tensor, saved: tf.Tensor[]): Gradients {
  const backend = engineBackend();
  const hidden = saved[2]!;
  const gradients = saved.map((tensor) => tensorLike(backend, tensor));
  const filled = filledOnce(() => {
    const arrays = [...saved, dy, ...gradients].map((tensor) => backend.floats(tensor));
    backend.ops.gruGatesGrad(rowsOf(hidden), widthOf(hidden), ...arrays);
  });
  return { fromInput: filled(gradients[0]!), fromHidden: filled(gradients[1]!), hidden: filled(gradients[2]!) };
}

/** dx of an op of one tensor. */
function ofOne(run: (backend: EngineBackend, x: tf.Tensor, dx: Float32Array) => void, x: tf.Tensor): () => tf.Tensor {
  return () => {
    const backend = engineBackend();
    const dx = tensorLike(backend, x);
    run(backend, x, backend.floats(dx));
    return dx;
  };
}

/** tfjs's registry of gradients is global; a gradient is used where a kernel of its name has run, so only by our engines. */
export function registerGradients(): void {
  const register = (kernelName: string, config: Omit<tf.GradConfig, 'kernelName' | 'gradFunc'>, gradFunc: unknown) =>
    tf.registerGradient({ kernelName, ...config, gradFunc: gradFunc as tf.GradFunc });

  register('OscLinear', { inputsToSave: ['x', 'weight'] }, linearGradients);
  register('OscNormLinear', { inputsToSave: ['x', 'weight', 'gamma', 'beta'] }, linearGradients);
  register('OscMlp', { inputsToSave: [...MLP_INPUTS] }, mlpGradients);
  register('OscLayerNorm', { inputsToSave: ['x', 'gamma', 'beta'] }, layerNormGradients);
  register('OscSelfAttention', { inputsToSave: ['qkv'], outputsToSave: [true, true] }, attentionGradients(true));
  register('OscCrossAttention', { inputsToSave: ['q', 'kv'], outputsToSave: [true, true] }, attentionGradients(false));
  register('OscGruGates', { inputsToSave: ['fromInput', 'fromHidden', 'hidden'] }, gruGatesGradients);
  register('OscGelu', { inputsToSave: ['x'] }, (dy: tf.Tensor, [x]: [tf.Tensor]) => ({
    x: ofOne((backend, x, dx) => backend.ops.geluGrad(backend.floats(dy), backend.floats(x), dx), x),
  }));
  register('OscSoftmax', { outputsToSave: [true] }, (dy: tf.Tensor, [y]: [tf.Tensor], { axis }: { axis: number }) => ({
    x: ofOne((backend, y, dx) => {
      backend.ops.softmaxGrad(...softmaxSizes(y.shape, axis), backend.floats(y), backend.floats(dy), dx);
    }, y),
  }));
  register(
    'OscL2Normalize',
    { inputsToSave: ['x'] },
    (dy: tf.Tensor, [x]: [tf.Tensor], attrs: { epsilon: number }) => ({
      x: ofOne((backend, x, dx) => {
        const sizes = [rowsOf(x), widthOf(x), attrs.epsilon];
        backend.ops.l2NormalizeGrad(...sizes, backend.floats(x), backend.floats(dy), dx);
      }, x),
    }),
  );
  register(
    'OscCrossEntropy',
    { inputsToSave: ['logits', 'targets'] },
    (dy: tf.Tensor, saved: [tf.Tensor, tf.Tensor]) => ({
      logits: ofOne((backend, logits, dx) => {
        const arrays = [backend.floats(logits), backend.integers(saved[1]), backend.floats(dy), dx];
        backend.ops.crossEntropyGrad(rowsOf(logits), widthOf(logits), ...arrays);
      }, saved[0]),
    }),
  );
}
