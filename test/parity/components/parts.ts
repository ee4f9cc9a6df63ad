/** The parts of a model that are plugins, each on its own. */
import * as tf from '@tensorflow/tfjs-core';
import {
  DIMENSIONS,
  POS_EMBED_DROPOUT,
  RANDOM,
  componentToken,
  type Backbone,
  type ComponentKind,
  type Dimensions,
  type ObjFn,
  type ObjQueries,
  type Pooling,
  type PosEmbed,
} from 'osc-trainer/sdk';
import type { Adapter, Context } from '../adapter';
import { checkForwardAndGradients } from '../gradients';
import { checkSize } from './build';
import { randomOfQueries } from './recorded-draws';
import { ANY_SEED, EVALUATION, SCALAR_L, tensorsWith } from './modules';

type Pair = [number, number];

const pair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);

function dimensionsOf(embedDim: number, [h, w]: Pair, patch: Pair = [1, 1]): Dimensions {
  return { imageSize: [h * patch[0], w * patch[1]], grid: [h, w], numTokens: h * w, embedDim };
}

/** Makes a part with what its kind may ask for. */
function create<T>(
  { registry }: Context,
  kind: ComponentKind,
  name: string,
  options: Readonly<Record<string, unknown>>,
  dimensions: Dimensions,
  others: ReadonlyMap<symbol, unknown> = new Map(),
): Promise<T> {
  const provide = new Map<symbol, unknown>([
    [DIMENSIONS, dimensions],
    [RANDOM, ANY_SEED],
    [POS_EMBED_DROPOUT, 0],
    ...others,
  ]);
  return registry.create<T>(kind, name, { options, provide });
}

function createPosEmbed(context: Context, name: string | null, dimensions: Dimensions): Promise<PosEmbed | null> {
  return name === null ? Promise.resolve(null) : create<PosEmbed>(context, 'pos_embed', name, {}, dimensions);
}

interface BackboneFixture {
  img_size: number | Pair;
  patch_size: number | Pair;
  embed_dim: number;
  num_heads: number;
  num_layers: number;
  mlp_ratio: number;
  global_pool: string;
  pos_embed: string | null;
  pos_embed_every_layer: boolean;
}

export const backbone: Adapter = {
  components: ['ViTBackbone'],
  knows: {
    config: [
      ...['img_size', 'patch_size', 'embed_dim', 'num_heads', 'num_layers', 'mlp_ratio', 'global_pool', 'pos_embed'],
      'pos_embed_every_layer',
    ],
    tensors: tensorsWith('images'),
    scalars: SCALAR_L,
  },
  needs: ({ config }) => [
    { kind: 'pooling', name: String(config['global_pool']) },
    ...(typeof config['pos_embed'] === 'string' ? [{ kind: 'pos_embed', name: config['pos_embed'] } as const] : []),
  ],
  async run(fixture, context) {
    const config = fixture.config as unknown as BackboneFixture;
    const [size, patch] = [pair(config.img_size), pair(config.patch_size)];
    checkSize(fixture.get('inputs.images'), size);
    const dimensions = dimensionsOf(config.embed_dim, [size[0] / patch[0], size[1] / patch[1]], patch);
    const module = await create<Backbone>(
      context,
      'backbone',
      'vit',
      {
        patch_size: patch,
        embed_dim: config.embed_dim,
        num_layers: config.num_layers,
        num_heads: config.num_heads,
        mlp_ratio: config.mlp_ratio,
        pos_embed_every_layer: config.pos_embed_every_layer,
      },
      dimensions,
      new Map<symbol, unknown>([
        [componentToken('pos_embed'), await createPosEmbed(context, config.pos_embed, dimensions)],
        [componentToken('pooling'), await create<Pooling>(context, 'pooling', config.global_pool, {}, dimensions)],
      ]),
    );
    return checkForwardAndGradients({
      module,
      fixture,
      forward: (inputs) => {
        const { features, pooled } = module.forward(inputs.get('images') as tf.Tensor4D, EVALUATION);
        return { f_backbone: features, f_global: pooled };
      },
    });
  },
};

export const patchEmbed: Adapter = {
  components: ['PatchEmbed'],
  knows: { config: ['img_size', 'patch_size', 'embed_dim'], tensors: tensorsWith('images'), scalars: SCALAR_L },
  needs: () => [{ kind: 'backbone', name: 'vit' }],
  async run(fixture, { registry }) {
    await registry.componentClass('backbone', 'vit'); // its package can be imported once the registry has loaded it
    const { PatchEmbed } = await import('../../../plugins/vit/index.js');
    const config = fixture.config as unknown as Pick<BackboneFixture, 'img_size' | 'patch_size' | 'embed_dim'>;
    checkSize(fixture.get('inputs.images'), pair(config.img_size));
    const module = new PatchEmbed({ patchSize: pair(config.patch_size), embedDim: config.embed_dim }, ANY_SEED);
    return checkForwardAndGradients({
      module,
      fixture,
      forward: (inputs) => ({ out: module.forward(inputs.get('images') as tf.Tensor4D) }),
    });
  },
};

export const positionalEmbedding: Adapter = {
  components: ['PositionalEmbedding'],
  knows: { config: ['num_embeddings', 'embed_dim'], tensors: tensorsWith('x'), scalars: SCALAR_L },
  needs: () => [{ kind: 'pos_embed', name: 'learned' }],
  async run(fixture, context) {
    const config = fixture.config as { num_embeddings: number; embed_dim: number };
    const dimensions = dimensionsOf(config.embed_dim, [1, config.num_embeddings]);
    const module = await create<PosEmbed>(context, 'pos_embed', 'learned', {}, dimensions);
    return checkForwardAndGradients({
      module,
      fixture,
      forward: (inputs) => ({ out: module.forward(inputs.get('x') as tf.Tensor3D, EVALUATION) }),
    });
  },
};

interface SlotAttentionFixture {
  dim: number;
  iters: number;
  hidden_dim: number;
  pos_embed: string | null;
  eps: number;
}

export const slotAttention: Adapter = {
  components: ['SlotAttention'],
  knows: {
    config: ['dim', 'iters', 'hidden_dim', 'pos_embed', 'eps'],
    tensors: tensorsWith('slots', 'inputs'),
    scalars: SCALAR_L,
  },
  needs: () => [{ kind: 'obj_fn', name: 'slot-attention' }],
  async run(fixture, context) {
    const { dim, iters, hidden_dim: hidden, pos_embed, eps } = fixture.config as unknown as SlotAttentionFixture;
    const dimensions = dimensionsOf(dim, [1, fixture.get('inputs.inputs').shape[1]!]);
    const module = await create<ObjFn>(
      context,
      'obj_fn',
      'slot-attention',
      { num_iters: iters, hidden_mult: hidden / dim, eps },
      dimensions,
      new Map([[componentToken('pos_embed'), await createPosEmbed(context, pos_embed, dimensions)]]),
    );
    return checkForwardAndGradients({
      module,
      fixture,
      forward: (inputs) => {
        const [queries, features] = ['slots', 'inputs'].map((name) => inputs.get(name) as tf.Tensor3D);
        const { slots, attention } = module.forward(queries!, features!, { ...EVALUATION, attention: true });
        const maps = attention!.map((map, i) => [`attn.${i}`, map]);
        return { out: slots, ...(Object.fromEntries(maps) as Record<string, tf.Tensor>) };
      },
    });
  },
};

interface DecoderFixture {
  dim: number;
  num_heads: number;
  num_layers: number;
  mlp_ratio: number;
  pos_embed: string | null;
}

export const crossAttentionDecoder: Adapter = {
  components: ['CrossAttentionDecoder'],
  knows: {
    config: ['dim', 'num_heads', 'num_layers', 'mlp_ratio', 'pos_embed'],
    tensors: tensorsWith('obj_queries', 'inputs'),
    scalars: SCALAR_L,
  },
  needs: () => [{ kind: 'obj_fn', name: 'cross-attention' }],
  async run(fixture, context) {
    const { dim, pos_embed, ...options } = fixture.config as unknown as DecoderFixture;
    const dimensions = dimensionsOf(dim, [1, fixture.get('inputs.inputs').shape[1]!]);
    const positions = await createPosEmbed(context, pos_embed, dimensions);
    const others = new Map([[componentToken('pos_embed'), positions]]);
    const module = await create<ObjFn>(context, 'obj_fn', 'cross-attention', options, dimensions, others);
    return checkForwardAndGradients({
      module,
      fixture,
      forward: (inputs) => {
        const [queries, features] = ['obj_queries', 'inputs'].map((name) => inputs.get(name) as tf.Tensor3D);
        return { out: module.forward(queries!, features!, EVALUATION).slots };
      },
    });
  },
};

interface QueriesFixture {
  embed_dim: number;
  num_objects: number;
  num_components?: number;
  batch: number;
}

/** An adapter of object queries that do not look at the features. */
function queriesOf(component: string, name: string, draws: readonly string[] = []): Adapter {
  return {
    components: [component],
    knows: {
      config: ['embed_dim', 'num_objects', 'num_components', 'batch'],
      tensors: tensorsWith(...draws),
      scalars: SCALAR_L,
    },
    needs: () => [{ kind: 'obj_queries', name }],
    async run(fixture, context) {
      const { embed_dim: width, batch, ...options } = fixture.config as unknown as QueriesFixture;
      const dimensions = dimensionsOf(width, [1, 1]);
      const random = new Map<symbol, unknown>([[RANDOM, randomOfQueries(fixture)]]);
      const module = await create<ObjQueries>(context, 'obj_queries', name, { ...options }, dimensions, random);
      const features = tf.zeros<tf.Rank.R3>([batch, 1, width]);
      return checkForwardAndGradients({
        module,
        fixture,
        forward: () => ({ out: module.queries(features, EVALUATION) }),
      });
    },
  };
}

export const learnedQueries = queriesOf('LearnedObjectTokens', 'learned');
export const sampledQueries = queriesOf('SampledObjectTokens', 'sample', ['noise', 'component_idx']);
