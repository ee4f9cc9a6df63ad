import type { Initializer } from '../module';
import type { RandomSource } from '../random';

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const zeros: Initializer = (shape) => new Float32Array(size(shape));
export const ones: Initializer = (shape) => new Float32Array(size(shape)).fill(1);

/** Normal with mean 0. `random` is the parameter's own scope. */
export function normal(random: RandomSource, std: number): Initializer {
  return (shape) => random.stream('init').normals(size(shape), 0, std);
}

/** Uniform in ±`bound`. `random` is the parameter's own scope. */
export function uniform(random: RandomSource, bound: number): Initializer {
  return (shape) => random.stream('init').uniforms(size(shape), -bound, bound);
}

/** How a linear layer starts: from its fan-in and the source of its module. */
export interface LinearInit {
  weight(fanIn: number, random: RandomSource): Initializer;
  bias(fanIn: number, random: RandomSource): Initializer;
}

/** torch's default: weight and bias uniform in ±1 / √fan_in. */
export const torchInit: LinearInit = {
  weight: (fanIn, random) => uniform(random.scope('weight'), 1 / Math.sqrt(fanIn)),
  bias: (fanIn, random) => uniform(random.scope('bias'), 1 / Math.sqrt(fanIn)),
};

/**
 * Transformer blocks: weight N(0, 0.02), bias 0. timm's truncated normal cuts at ±2 absolute, a hundred standard
 * deviations out, so this is it.
 */
export const transformerInit: LinearInit = {
  weight: (_, random) => normal(random.scope('weight'), 0.02),
  bias: () => zeros,
};
