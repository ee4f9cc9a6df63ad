import { z } from 'osc-trainer/sdk';

const rate = () => z.number().min(0).max(1).default(0);

export const options = z.strictObject({
  patch_size: z
    .tuple([z.int().positive(), z.int().positive()])
    .default([8, 8])
    .describe('height and width of a patch in pixels; must divide the crop'),
  embed_dim: z.int().positive().default(64).describe('width C of all tokens'),
  num_layers: z.int().positive().default(4).describe('transformer blocks'),
  num_heads: z.int().positive().default(4).describe('attention heads; must divide embed_dim'),
  mlp_ratio: z.number().positive().default(2).describe("hidden width of a block's MLP over embed_dim"),
  block_drop: rate().describe("dropout of the attention's output and of both layers of the MLP"),
  block_attn_drop: rate().describe('dropout of the attention matrix'),
  drop_path: rate().describe('stochastic depth: chance that a sample skips a residual branch, the same in every block'),
  pos_embed_every_layer: z
    .boolean()
    .default(true)
    .describe('add the same positions before every block, not only before the first'),
});

export type VitOptions = z.infer<typeof options>;
