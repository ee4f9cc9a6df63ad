import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { VitBackbone } from './vit';

testComponent(VitBackbone, { options: { patch_size: [8, 8], embed_dim: 8, num_layers: 2, num_heads: 2 } });
testComponent(VitBackbone, {
  title: 'contract of backbone "vit" with dropout everywhere',
  options: {
    patch_size: [8, 8],
    embed_dim: 8,
    num_layers: 2,
    num_heads: 2,
    block_drop: 0.2,
    block_attn_drop: 0.2,
    drop_path: 0.2,
  },
});

testOptions(VitBackbone, {
  valid: [{}, { patch_size: [4, 8], mlp_ratio: 1.5 }],
  invalid: [
    { options: { patch_size: 8 }, message: /patch_size/ },
    { options: { num_heads: 0 }, message: /num_heads/ },
    { options: { drop_path: 1.5 }, message: /drop_path/ },
  ],
});
