/** A catalog for tests of the config: the built-in components' names and options, without their code. */
import { z } from 'zod';
import type { ComponentCatalog, ComponentEntry } from '../sdk/catalog';
import type { ComponentManifest } from '../sdk/component';
import { UsageError } from '../sdk/errors';
import type { ComponentKind } from '../sdk/kinds';

interface Fake {
  kind: ComponentKind;
  name: string;
  options?: z.ZodRawShape;
  key?: string;
  aliases?: string[];
  enabled?: boolean;
  broken?: boolean;
}

const rate = (): z.ZodType => z.number().min(0).max(1).default(0).describe('a rate');
const temp = { temp: z.number().positive().default(0.1).describe('temperature') };
const slots = { num_objects: z.int().positive().default(11).describe('slots per image') };
const noise = { noise: z.number().optional(), noise_until: z.number().optional() };
const blocks = { block_drop: rate(), block_attn_drop: rate(), drop_path: rate() };
const width = z.number().positive().default(2).describe('width of the hidden layer');

export const BUILTINS: readonly Fake[] = [
  {
    kind: 'backbone',
    name: 'vit',
    options: {
      patch_size: z.tuple([z.int(), z.int()]).default([8, 8]).describe('[h, w]'),
      embed_dim: z.int().positive().default(64).describe('C'),
      pos_embed_every_layer: z.boolean().default(true).describe('positions in every layer'),
      num_layers: z.int().positive().default(4).describe('layers'),
      num_heads: z.int().positive().default(4).describe('heads'),
      ...blocks,
      mlp_ratio: width,
    },
  },
  { kind: 'pooling', name: 'avg' },
  { kind: 'pooling', name: 'cls' },
  {
    kind: 'pos_embed',
    name: 'learned',
    options: { init: z.enum(['normal', 'sine']).default('normal').describe('how they start') },
  },
  { kind: 'obj_queries', name: 'learned', options: { ...slots, ...noise } },
  { kind: 'obj_queries', name: 'sample', options: { ...slots, num_components: z.int().positive().default(1) } },
  { kind: 'obj_queries', name: 'kmeans_euclidean', options: slots },
  { kind: 'obj_queries', name: 'kmeans_cosine', options: slots },
  { kind: 'obj_fn', name: 'slot-attention', options: { hidden_mult: width, num_iters: z.int().positive().default(3) } },
  {
    kind: 'obj_fn',
    name: 'cross-attention',
    options: { num_layers: z.int().default(2), num_heads: z.int().default(4), ...blocks, mlp_ratio: width },
  },
  {
    kind: 'obj_fn',
    name: 'co-attention',
    options: { num_layers: z.int().default(2), num_heads: z.int().default(4), ...blocks, mlp_ratio: width },
  },
  { kind: 'architecture', name: 'backbone-global_fn-global_proj', aliases: ['vit_global'] },
  {
    kind: 'architecture',
    name: 'backbone(-global_fn-global_proj)-obj_fn-obj_proj',
    aliases: ['vit_global_obj', 'backbone(-slot_fn-slot_proj)-global_fn-global_proj'],
  },
  {
    kind: 'architecture',
    name: 'backbone-obj_fn(-global_fn-global_proj)-obj_proj',
    aliases: ['vit_obj_global', 'backbone-slot_fn(-global_fn-global_proj)-slot_proj'],
  },
  { kind: 'loss', name: 'ctr', key: 'l_global', options: temp },
  { kind: 'loss', name: 'sim', key: 'l_global' },
  { kind: 'loss', name: 'ctr_img', key: 'l_objects', options: temp },
  { kind: 'loss', name: 'ctr_all', key: 'l_objects', options: temp },
  { kind: 'loss', name: 'sim_img', key: 'l_objects' },
  {
    kind: 'optimizer',
    name: 'adam',
    aliases: ['adamw'],
    options: { weight_decay: z.number().nonnegative().default(1e-4), eps: z.number().positive().default(1e-8) },
  },
  {
    kind: 'lr_scheduler',
    name: 'cosine',
    options: { epochs: z.int().nonnegative().default(40), end_lr: z.number().nonnegative().default(3e-4) },
  },
  { kind: 'dataset', name: 'CLEVR10', options: { root: z.string().default('~/multi-object-datasets') } },
  {
    kind: 'dataset',
    name: 'scenes',
    options: {
      num_train: z.int().positive().default(7000),
      num_val: z.int().positive().default(1500),
      num_test: z.int().positive().default(1500),
      image_size: z.tuple([z.int(), z.int()]).default([240, 320]),
      max_objects: z.int().default(10),
      min_visible: z.int().default(200),
    },
  },
  { kind: 'engine', name: 'auto' },
  { kind: 'engine', name: 'cpu' },
  { kind: 'evaluator', name: 'segmentation', options: { attention: z.enum(['first', 'last']).default('first') } },
  {
    kind: 'evaluator',
    name: 'vqa',
    options: {
      seed: z.int().nonnegative().default(759443315),
      num_epochs: z.int().positive().default(10000),
      split: z.number().gt(0).lt(1).default(0.75),
      pos_weight: z.number().positive().nullable().default(14),
    },
  },
  { kind: 'launcher', name: 'local' },
  { kind: 'sweeper', name: 'grid' },
  { kind: 'sweeper', name: 'random', options: { num_jobs: z.int().default(20) } },
  { kind: 'tracker', name: 'jsonl', options: { file: z.string().default('metrics.jsonl') } },
  { kind: 'callback', name: 'collapse', options: { step_interval: z.int().positive().nullable().default(20) } },
  { kind: 'callback', name: 'evaluation' },
  { kind: 'callback', name: 'figures' },
  { kind: 'figure', name: 'segmentation' },
  { kind: 'figure', name: 'rollouts' },
];

/** Components of the reference that are not in the box yet. */
export const LATER: readonly Fake[] = [
  { kind: 'tracker', name: 'wandb' },
  { kind: 'obj_queries', name: 'of_a_plugin', options: slots },
  { kind: 'obj_queries', name: 'strict', options: { num_objects: z.enum(['few', 'many']).default('few') } },
  {
    kind: 'loss',
    name: 'slot-mixture',
    options: { temp: z.number().positive().default(0.1), decoder: z.strictObject({ width: width }).prefault({}) },
  },
  { kind: 'callback', name: 'ema', options: { decay: z.number().min(0).max(1).default(0.999) } },
  { kind: 'callback', name: 'freeze', options: { parameters: z.string(), epochs: z.int().default(1) } },
  { kind: 'figure', name: 'scatter', options: { perplexity: z.number().default(30) } },
  { kind: 'launcher', name: 'slurm', options: { partition: z.string().nullable().default(null) } },
];

export class FakeCatalog implements ComponentCatalog {
  readonly #fakes: readonly Fake[];

  constructor(...fakes: readonly (readonly Fake[])[]) {
    this.#fakes = fakes.flat();
  }

  entries(kind?: ComponentKind): ComponentEntry[] {
    return this.#fakes.filter((fake) => kind === undefined || fake.kind === kind).map(entryOf);
  }

  lookup(kind: ComponentKind, name: string): ComponentEntry | undefined {
    return this.entries(kind).find((entry) => entry.enabled && (entry.name === name || entry.aliases.includes(name)));
  }

  manifest(kind: ComponentKind, name: string): Promise<ComponentManifest> {
    const fake = this.#fakes.find((candidate) => candidate.kind === kind && candidate.name === name);
    if (!fake || fake.broken) {
      return Promise.reject(new UsageError(`The plugin of ${name} cannot be loaded.`, 'It throws at load.'));
    }
    return Promise.resolve({ kind, name, summary: `${name} of a test`, options: z.strictObject(fake.options ?? {}) });
  }
}

function entryOf(fake: Fake): ComponentEntry {
  return {
    kind: fake.kind,
    name: fake.name,
    aliases: fake.aliases ?? [],
    ...(fake.key === undefined ? {} : { key: fake.key }),
    summary: `${fake.name} of a test`,
    packageName: `osc-plugin-${fake.name}`,
    packageVersion: '1.0.0',
    manifestFile: `/plugins/${fake.name}/package.json`,
    builtin: true,
    enabled: fake.enabled ?? true,
  };
}
