import type { Projection } from '../sdk';
import { hiddenWidth, Mlp } from '../sdk/nn';
import type { Activation } from '../sdk/ops';
import type { RandomSource } from '../sdk/random';

export interface ProjectionConfig {
  readonly hidden_mult: number;
  readonly activation: Activation;
  readonly dropout: number;
  readonly out_bias?: boolean;
}

/** `[..., C]` → `[..., C]` with a hidden layer of `hiddenMult * C`. */
function projection(
  c: number,
  hiddenMult: number,
  { activation, dropout }: ProjectionConfig,
  outBias: boolean,
  random: RandomSource,
): Mlp {
  return new Mlp({ in: c, hidden: hiddenWidth(c, hiddenMult), out: c, activation, dropout, outBias }, random);
}

/** `global_fn`: its last layer always has a bias, as in the reference. */
export function globalFn(c: number, config: ProjectionConfig, random: RandomSource): Projection {
  return projection(c, config.hidden_mult, config, true, random);
}

/**
 * `global_proj`. The reference ignores `dropout` and `out_bias` of all three projections; here they do what they say,
 * and their defaults (0 and false) are what the reference always does.
 */
export function globalProj(c: number, config: ProjectionConfig, random: RandomSource): Projection {
  return projection(c, config.hidden_mult, config, config.out_bias ?? false, random);
}

/**
 * `obj_proj`. The reference ignores its `hidden_mult` and makes the hidden layer 4C wide although its config says 2. Here
 * the width is `2 * hidden_mult * C`: the same at the default of 2, and the key has an effect.
 */
export function objProj(c: number, config: ProjectionConfig, random: RandomSource): Projection {
  return projection(c, 2 * config.hidden_mult, config, config.out_bias ?? false, random);
}
