import { defineConfig } from './define-config';

test('a config file may hold what osc.config.yaml may: names, options, keys of parents, sections', () => {
  const config = defineConfig({
    plugins: ['osc-plugin-x'],
    defaults: { 'model/obj_queries': 'sample', 'losses/l_objects': null },
    model: {
      architecture: 'vit_global_obj',
      backbone: { patch_size: [4, 4], pos_embed: { name: 'learned' }, pos_embed_dropout: 0.1 },
      obj_queries: 'kmeans_euclidean',
      obj_fn: { name: 'slot-attention', num_iters: 5, pos_embed: 'backbone' },
    },
    losses: { l_global: { weight: 2 }, l_objects: null, l_recon: { name: 'slot-mixture', weight: 0.5, width: 3 } },
    data: {
      name: 'scenes',
      num_train: 10,
      crop_size: [64, 64],
      test: { evaluators: ['segmentation', { name: 'knn', k: 3, optional: true }], vqa: { num_epochs: 3 } },
    },
    training: { batch_size: 8, callbacks: ['ema'], ema: { decay: 0.9 } },
  });
  expect(config.training?.batch_size).toBe(8);
});

test('an editor is told of keys that are not there and of values of the wrong type', () => {
  // @ts-expect-error there is no such section
  defineConfig({ trainign: {} });
  // @ts-expect-error a list of two numbers
  defineConfig({ data: { crop_size: 64 } });
  // @ts-expect-error a weight is a number
  defineConfig({ losses: { l_global: { weight: 'much' } } });
  // @ts-expect-error there is no such key
  defineConfig({ other: { sed: 1 } });
  expect(defineConfig({})).toEqual({});
});
