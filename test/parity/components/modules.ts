/** The layers of the SDK. */
import type * as tf from '@tensorflow/tfjs-core';
import { RandomSource, type Mode, type Module } from 'osc-trainer/sdk';
import { CrossAttention, CrossAttentionBlock, Mlp, SelfAttention, SelfAttentionBlock } from 'osc-trainer/sdk/nn';
import type { Activation } from 'osc-trainer/sdk/ops';
import type { Adapter } from '../adapter';
import type { Fixture } from '../fixture';
import { checkForwardAndGradients } from '../gradients';

type Inputs = ReadonlyMap<string, tf.Tensor>;

export const EVALUATION: Mode = { training: false, step: 0 };
/** Initial values are replaced by the fixture's. */
export const ANY_SEED = new RandomSource(0);

/** The tensors that {@link checkForwardAndGradients} compares or checks, and the inputs of a component. */
export const tensorsWith = (...inputs: string[]): (string | RegExp)[] => [
  /^(weights|outputs|cotangents|grad)\./,
  ...inputs.map((name) => `inputs.${name}`),
];
/** L: its parts are compared. */
export const SCALAR_L = ['scalar_L'];

/** An adapter of a module that gives one output, `out`. */
function layer<M extends Module>(
  component: string,
  config: readonly string[],
  inputs: readonly string[],
  make: (config: never) => M,
  forward: (module: M, inputs: Inputs) => tf.Tensor,
): Adapter {
  return {
    components: [component],
    knows: { config, tensors: tensorsWith(...inputs), scalars: SCALAR_L },
    run(fixture: Fixture) {
      const module = make(fixture.config as never);
      const checks = checkForwardAndGradients({
        module,
        fixture,
        forward: (inputs) => ({ out: forward(module, inputs) }),
      });
      module.dispose();
      return checks;
    },
  };
}

interface AttentionFixture {
  dim: number;
  num_heads: number;
  qkv_bias?: boolean;
}

interface BlockFixture extends AttentionFixture {
  mlp_ratio: number;
}

interface MlpFixture {
  in_features: number;
  hidden_features: number;
  out_features: number;
  activation: Activation;
  out_bias: boolean;
}

const attention = ({ dim, num_heads: numHeads, qkv_bias: qkvBias }: AttentionFixture) => ({ dim, numHeads, qkvBias });
const block = ({ dim, num_heads: numHeads, mlp_ratio: mlpRatio }: BlockFixture) => ({ dim, numHeads, mlpRatio });
const tokens = (inputs: Inputs, name: string): tf.Tensor3D => inputs.get(name) as tf.Tensor3D;

export const LAYERS: readonly Adapter[] = [
  layer(
    'MLP',
    ['in_features', 'hidden_features', 'out_features', 'activation', 'out_bias'],
    ['x'],
    (config: MlpFixture) =>
      new Mlp(
        {
          in: config.in_features,
          hidden: config.hidden_features,
          out: config.out_features,
          activation: config.activation,
          outBias: config.out_bias,
        },
        ANY_SEED,
      ),
    (mlp, inputs) => mlp.forward(inputs.get('x')!, EVALUATION),
  ),
  layer(
    'SelfAttention',
    ['dim', 'num_heads', 'qkv_bias'],
    ['x'],
    (config: AttentionFixture) => new SelfAttention(attention(config), ANY_SEED),
    (module, inputs) => module.forward(tokens(inputs, 'x'), EVALUATION).out,
  ),
  layer(
    'CrossAttention',
    ['dim', 'num_heads'],
    ['x', 'ctx'],
    (config: AttentionFixture) => new CrossAttention(attention(config), ANY_SEED),
    (module, inputs) => module.forward(tokens(inputs, 'x'), tokens(inputs, 'ctx'), EVALUATION).out,
  ),
  layer(
    'SelfAttentionBlock',
    ['dim', 'num_heads', 'mlp_ratio', 'hidden'],
    ['x'],
    (config: BlockFixture) => new SelfAttentionBlock(block(config), ANY_SEED),
    (module, inputs) => module.forward(tokens(inputs, 'x'), EVALUATION).out,
  ),
  layer(
    'CrossAttentionBlock',
    ['dim', 'num_heads', 'mlp_ratio'],
    ['x', 'ctx'],
    (config: BlockFixture) => new CrossAttentionBlock(block(config), ANY_SEED),
    (module, inputs) => module.forward(tokens(inputs, 'x'), tokens(inputs, 'ctx'), EVALUATION).out,
  ),
];
