import { UsageError, z } from 'osc-trainer/sdk';
import type { BlockConfig } from 'osc-trainer/sdk/nn';

const rate = () => z.number().min(0).max(1).default(0);

export const options = z.strictObject({
  num_layers: z.int().positive().default(2).describe('decoder blocks'),
  num_heads: z.int().positive().default(4).describe("attention heads; must divide the backbone's embed_dim"),
  mlp_ratio: z.number().positive().default(2).describe("hidden width of a block's MLP over embed_dim"),
  block_drop: rate().describe("dropout of the attentions' outputs and of both layers of the MLP"),
  block_attn_drop: rate().describe('dropout of the attention matrices'),
  drop_path: rate().describe('stochastic depth: chance that a sample skips a residual branch, the same in every block'),
});

export type DecoderOptions = z.infer<typeof options>;

/** @throws UsageError when the heads do not divide the width */
export function blockConfig(options: DecoderOptions, dim: number): BlockConfig {
  const { num_heads: numHeads } = options;
  if (dim % numHeads !== 0) {
    const divisors = Array.from({ length: dim }, (_, i) => i + 1).filter((heads) => dim % heads === 0);
    const nearest = divisors.reduce((a, b) => (Math.abs(b - numHeads) < Math.abs(a - numHeads) ? b : a));
    throw new UsageError(
      `${numHeads} attention heads of the object function do not divide a width of ${dim}.`,
      'model.backbone.embed_dim must be a multiple of model.obj_fn.num_heads.',
      [`model.obj_fn.num_heads=${nearest}`],
    );
  }
  return {
    dim,
    numHeads,
    mlpRatio: options.mlp_ratio,
    dropout: options.block_drop,
    attentionDropout: options.block_attn_drop,
    dropPath: options.drop_path,
  };
}
