import * as tf from '@tensorflow/tfjs-core';
import { RandomSource } from '../random';

/** A tensor of standard normals that depends on nothing but its shape and `seed`. */
export function randomTensor<R extends tf.Rank>(shape: readonly number[], seed: number): tf.Tensor<R> {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(new RandomSource(seed).stream('test').normals(size), [...shape] as never, 'float32') as tf.Tensor<R>;
}

/**
 * Gradients of sum(output * fixed random weights) over all outputs, for each of `xs`; null where none arrives.
 * The caller owns them.
 */
export function gradientsOf(outputs: () => readonly tf.Tensor[], xs: readonly tf.Tensor[]): (tf.Tensor | null)[] {
  return tf.tidy(() => {
    const { grads } = tf.engine().gradients(
      () =>
        tf.addN(
          outputs().map((output, i) => tf.sum(tf.mul(output, randomTensor(output.shape, 1000 + i))) as tf.Scalar),
        ),
      [...xs],
      null as never, // ones
      true, // a tensor without a gradient is no error here
    );
    return grads.map((grad) => (grad as tf.Tensor | undefined) ?? null) as tf.Tensor[];
  });
}
