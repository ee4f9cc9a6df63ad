/** The parts of a model that are plugins, each on its own. */
import * as tf from '@tensorflow/tfjs-core';
import {
  DIMENSIONS,
  POS_EMBED_DROPOUT,
  RANDOM,
  componentToken,
  l2Normalize,
  type Backbone,
  type ComponentKind,
  type Dimensions,
  type ObjFn,
  type ObjQueries,
  type Pooling,
  type PosEmbed,
} from 'osc-trainer/sdk';
import type { Adapter, Context } from '../adapter';
import { exact, relative, valuesLike, type Check } from '../compare';
import { checkForwardAndGradients } from '../gradients';
import { randomOfQueries } from './build';
import { ANY_SEED, EVALUATION } from './modules';

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
  needs: ({ config }) => [
    { kind: 'pooling', name: String(config['global_pool']) },
    ...(typeof config['pos_embed'] === 'string' ? [{ kind: 'pos_embed', name: config['pos_embed'] } as const] : []),
  ],
  async run(fixture, context) {
    const config = fixture.config as unknown as BackboneFixture;
    const [size, patch] = [pair(config.img_size), pair(config.patch_size)];
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
  needs: () => [{ kind: 'backbone', name: 'vit' }],
  async run(fixture, { registry }) {
    await registry.componentClass('backbone', 'vit'); // its package can be imported once the registry has loaded it
    const { PatchEmbed } = await import('../../../plugins/vit/index.js');
    const config = fixture.config as unknown as { patch_size: number | Pair; embed_dim: number };
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
}

export const slotAttention: Adapter = {
  components: ['SlotAttention'],
  needs: () => [{ kind: 'obj_fn', name: 'slot-attention' }],
  async run(fixture, context) {
    const { dim, iters, hidden_dim: hidden, pos_embed } = fixture.config as unknown as SlotAttentionFixture;
    const dimensions = dimensionsOf(dim, [1, fixture.get('inputs.inputs').shape[1]!]);
    const module = await create<ObjFn>(
      context,
      'obj_fn',
      'slot-attention',
      { num_iters: iters, hidden_mult: hidden / dim },
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
function queriesOf(component: string, name: string): Adapter {
  return {
    components: [component],
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
export const sampledQueries = queriesOf('SampledObjectTokens', 'sample');

const KMEANS_TOLERANCE = 1e-5;

interface KMeansFixture {
  max_iters: number;
  tol: number;
}

/** Clusterings of the reference, with NaN where its clusters are empty. */
const CLUSTERINGS = {
  torch_kmeans_euclidean: async () => {
    const { assignments, kMeansEuclidean } = await import('../../../plugins/kmeans/index.js');
    return { prepare: (x: tf.Tensor3D) => x, assign: assignments, cluster: kMeansEuclidean };
  },
  torch_kmeans_cosine: async () => {
    const { cosineAssignments, kMeansCosine } = await import('../../../plugins/kmeans/index.js');
    const cluster: typeof kMeansCosine = (x, initial, config) =>
      kMeansCosine(x, initial, { ...config, emptyClusters: 'nan' });
    return { prepare: l2Normalize<tf.Tensor3D>, assign: cosineAssignments, cluster };
  },
};

type Clustering = keyof typeof CLUSTERINGS;

const PLUGIN_OF: Readonly<Record<Clustering, string>> = {
  torch_kmeans_euclidean: 'kmeans_euclidean',
  torch_kmeans_cosine: 'kmeans_cosine',
};

export const kMeans: Adapter = {
  components: Object.keys(CLUSTERINGS),
  needs: ({ component }) => [{ kind: 'obj_queries', name: PLUGIN_OF[component as Clustering] }],
  async run(fixture, { registry }) {
    const component = fixture.component as Clustering;
    await registry.componentClass('obj_queries', PLUGIN_OF[component]); // its package can be imported from then on
    const { prepare, assign, cluster } = await CLUSTERINGS[component]();
    const config = fixture.config as unknown as KMeansFixture;
    const x = fixture.tensor<tf.Tensor3D>('inputs.x');
    const initial = Int32Array.from(fixture.get('inputs.init_idx').values);
    const run = (maxIterations: number) => cluster(x, initial, { maxIterations, tolerance: config.tol });
    const checks: Check[] = [];
    const compare = (name: string, result: tf.Tensor3D) => {
      const recorded = fixture.get(name);
      checks.push(relative(name, valuesLike(name, result, recorded), recorded.values, KMEANS_TOLERANCE));
    };
    const centroids = run(config.max_iters);
    compare('outputs.centroids', centroids);
    // not recorded where it holds NaN
    if (fixture.has('outputs.centroids_after_1_iter')) compare('outputs.centroids_after_1_iter', run(1));
    const assigned = 'outputs.assignment_to_final_centroids';
    checks.push(exact(assigned, assign(prepare(x), centroids).dataSync(), fixture.get(assigned).values));
    return checks;
  },
};
