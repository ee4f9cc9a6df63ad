import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BUILTINS, FakeCatalog, LATER } from './fake-catalog.fixture';
import { compose, type ComposedConfig, describeOrigin, loadConfigFile, printConfig } from '.';

const CATALOG = new FakeCatalog(BUILTINS, LATER);

/** A project folder with these files. */
function project(files: Record<string, string>): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'osc-compose-')));
  for (const [name, text] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

async function composed(
  overrides: string[],
  { plugins = [], files = {} }: { plugins?: string[]; files?: Record<string, string> } = {},
): Promise<ComposedConfig> {
  const file = await loadConfigFile(project(files));
  return compose({ file, catalog: CATALOG, plugins, overrides });
}

const RATES = { block_drop: 0, block_attn_drop: 0, drop_path: 0 };
const MLP = { hidden_mult: 2, activation: 'gelu', dropout: 0 };
const PROJ = { ...MLP, out_bias: false };
const BACKBONE = {
  name: 'vit',
  patch_size: [8, 8],
  embed_dim: 64,
  pos_embed: { name: 'learned', init: 'normal' },
  pos_embed_dropout: 0,
  pos_embed_every_layer: true,
  num_layers: 4,
  num_heads: 4,
  ...RATES,
  mlp_ratio: 2,
  global_pool: 'cls',
};
const MIXTURE = { name: 'slot-mixture', temp: 0.1, decoder: { width: 2 }, weight: 1 };
const SLOT_ATTENTION = { name: 'slot-attention', hidden_mult: 2, pos_embed: null, num_iters: 3 };
const CLEVR = {
  name: 'CLEVR10',
  root: '~/multi-object-datasets',
  crop_size: [128, 128],
  crops: 'augmented',
  crop_scale: [0.3, 1],
  normalize: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], rows: null, from_data: null },
  train: { seed: null, max_samples: null },
  val: { seed: 6676759028237078, max_samples: null, epoch_interval: 1 },
  viz: { seed: 6676759028237078, max_samples: 4, epoch_interval: 5, figures: ['segmentation', 'rollouts'] },
  test: {
    max_samples: null,
    epoch_interval: 5,
    evaluators: [
      { name: 'segmentation', optional: true },
      { name: 'vqa', optional: true, last_epoch_only: true },
    ],
    segmentation: { attention: 'first' },
    vqa: { seed: 759443315, num_epochs: 10000, split: 0.75, pos_weight: 14 },
  },
  num_workers: null,
  on_bad_record: 'error',
};

describe('the default config', () => {
  it('has the values of the reference', async () => {
    const config = await composed([]);
    const { choices, overrides } = config;
    expect(config.get('')).toEqual({
      model: {
        architecture: 'backbone-obj_fn(-global_fn-global_proj)-obj_proj',
        backbone: { ...BACKBONE, global_pool: 'avg' },
        global_fn: MLP,
        global_proj: PROJ,
        obj_queries: { name: 'learned', num_objects: 11 },
        obj_fn: SLOT_ATTENTION,
        obj_proj: PROJ,
      },
      losses: {
        l_global: { name: 'ctr', temp: 0.1, weight: 1 },
        l_objects: { name: 'ctr_img', temp: 0.1, weight: 1 },
      },
      optimizer: { name: 'adam', start_lr: 7e-4, weight_decay: 1e-4, eps: 1e-8 },
      lr_scheduler: { warmup: { epochs: 10 }, decay: { name: 'cosine', epochs: 40, end_lr: 3e-4 } },
      data: CLEVR,
      logging: {
        project: 'iclr-osc-22',
        group: null,
        name: null,
        id: null,
        tags: [],
        notes: null,
        trackers: ['jsonl'],
        jsonl: { file: 'metrics.jsonl' },
      },
      training: {
        batch_size: 64,
        num_epochs: null,
        checkpoint_interval: 5,
        checkpoint_steps: null,
        keep_checkpoints: 2,
        clip_grad_norm: null,
        accumulate_batches: 1,
        callbacks: ['collapse', 'evaluation', 'figures'],
        collapse: { step_interval: 20 },
      },
      other: { debug: false, tqdm: true, seed: null, device: null },
      engine: { name: 'auto', threads: null },
      launcher: { name: 'local' },
      sweeper: { name: 'grid' },
    });
    expect(choices).toMatchObject({ model: 'vit_obj_global', 'model/obj_fn': 'slot_attention', data: 'clevr10' });
    expect(overrides).toEqual([]);
  });
});

describe('a default', () => {
  /** The catalog with other defaults. */
  const changed = (kind: string, name: string, options: z.ZodRawShape): FakeCatalog =>
    new FakeCatalog(
      BUILTINS.map((fake) =>
        fake.kind === kind && fake.name === name ? { ...fake, options: { ...fake.options, ...options } } : fake,
      ),
    );

  it.each<[string, string, z.ZodRawShape, string, unknown]>([
    ['backbone', 'vit', { num_layers: z.int().default(7) }, 'model.backbone.num_layers', 7],
    ['obj_queries', 'learned', { num_objects: z.int().default(3) }, 'model.obj_queries.num_objects', 3],
    ['loss', 'ctr_img', { temp: z.number().default(0.5) }, 'losses.l_objects.temp', 0.5],
    ['optimizer', 'adam', { weight_decay: z.number().default(0) }, 'optimizer.weight_decay', 0],
    ['dataset', 'CLEVR10', { root: z.string().default('/data') }, 'data.root', '/data'],
    ['evaluator', 'vqa', { split: z.number().default(0.5) }, 'data.test.vqa.split', 0.5],
  ])(
    'stands in the schema of the %s %s alone: changed there, it changes the default run',
    async (kind, name, options, key, value) => {
      const file = await loadConfigFile(project({}));
      const config = await compose({ file, catalog: changed(kind, name, options), plugins: [], overrides: [] });
      expect(config.get(key)).toBe(value);
      expect(describeOrigin(config.origin(key))).toBe(`default of ${name}`);
    },
  );
});

describe('the groups', () => {
  it.each<[string, string[], string, unknown]>([
    ['model', ['model=vit_global_obj'], 'model.architecture', 'backbone(-global_fn-global_proj)-obj_fn-obj_proj'],
    ['model', ['model=vit_global_obj'], 'model.backbone', BACKBONE],
    ['model', ['model=vit_global_obj'], 'model.obj_fn', SLOT_ATTENTION],
    [
      'model',
      ['model=vit_global', 'losses/l_objects=none'],
      'model',
      {
        architecture: 'backbone-global_fn-global_proj',
        backbone: BACKBONE,
        global_fn: MLP,
        global_proj: PROJ,
        obj_queries: null,
        obj_fn: null,
        obj_proj: null,
      },
    ],
    ['obj_queries', ['model/obj_queries=learned'], 'model.obj_queries', { name: 'learned', num_objects: 11 }],
    [
      'obj_queries',
      ['model/obj_queries=sample'],
      'model.obj_queries',
      { name: 'sample', num_objects: 11, num_components: 1 },
    ],
    [
      'obj_queries',
      ['model/obj_queries=kmeans_euclidean'],
      'model.obj_queries',
      { name: 'kmeans_euclidean', num_objects: 11 },
    ],
    [
      'obj_queries',
      ['model/obj_queries=kmeans_cosine'],
      'model.obj_queries',
      { name: 'kmeans_cosine', num_objects: 11 },
    ],
    [
      'obj_fn',
      ['model/obj_fn=cross_attention'],
      'model.obj_fn',
      { name: 'cross-attention', pos_embed: null, num_layers: 2, num_heads: 4, ...RATES, mlp_ratio: 2 },
    ],
    [
      'obj_fn',
      ['model/obj_fn=co_attention'],
      'model.obj_fn',
      { name: 'co-attention', pos_embed: null, num_layers: 2, num_heads: 4, ...RATES, mlp_ratio: 2 },
    ],
    ['obj_proj', ['model/obj_proj=mlp'], 'model.obj_proj', PROJ],
    ['l_global', ['losses/l_global=sim'], 'losses.l_global', { name: 'sim', weight: 1 }],
    ['l_objects', ['losses/l_objects=ctr_all'], 'losses.l_objects', { name: 'ctr_all', temp: 0.1, weight: 1 }],
    ['l_objects', ['losses/l_objects=sim_img'], 'losses.l_objects', { name: 'sim_img', weight: 1 }],
    ['l_objects', ['losses/l_objects=none'], 'losses.l_objects', null],
    ['losses', ['+losses=more_objects'], 'losses.l_global.weight', 0.1],
    ['losses', ['+losses=more_objects'], 'losses.l_objects.weight', 1],
    ['losses', ['+losses=more_global'], 'losses.l_global.weight', 1],
    ['losses', ['+losses=more_global'], 'losses.l_objects.weight', 0.05],
    ['losses', ['+losses=zero_objects'], 'losses.l_objects', { name: 'ctr_img', temp: 0.1, weight: 0 }],
    ...([1, 2, 5, 10, 20] as const).map((warmup): [string, string[], string, unknown] => [
      'lr_scheduler',
      [`lr_scheduler=linear1_cosine4${warmup === 1 ? '' : `_x${warmup}`}`],
      'lr_scheduler',
      { warmup: { epochs: warmup }, decay: { name: 'cosine', epochs: 4 * warmup, end_lr: 3e-4 } },
    ]),
    ['data', ['data=scenes'], 'data.name', 'scenes'],
    ['data', ['data=scenes'], 'data.val', CLEVR.val],
    ['overfit', ['+overfit=overfit'], 'data.train.max_samples', 6400],
    ['overfit', ['+overfit=overfit'], 'data.val', { ...CLEVR.val, max_samples: 6400 }],
    ['overfit', ['+overfit=overfit'], 'data.test', { ...CLEVR.test, max_samples: 3200, epoch_interval: 1 }],
    ['overfit', ['+overfit=overfit'], 'logging.tags', ['overfit']],
    ...['learned', 'sample', 'kmeans_euclidean'].map((queries): [string, string[], string, unknown] => [
      'exp',
      ['+exp=scenes', `model/obj_queries=${queries}`],
      'model.obj_queries',
      expect.objectContaining({ name: queries, num_objects: 7 }),
    ]),
    ['exp', ['+exp=scenes'], 'data.test.evaluators', ['segmentation', 'vqa']],
    ['exp', ['+exp=scenes'], 'losses.l_objects', { name: 'sim_img', weight: 0.2 }],
    ['slurm', ['+slurm=slurm'], 'launcher', { name: 'slurm', partition: null }],
    ['launcher', ['hydra/launcher=submitit_slurm'], 'launcher', { name: 'slurm', partition: null }],
    ['launcher', ['launcher=slurm', 'hydra.launcher.partition=gpu'], 'launcher', { name: 'slurm', partition: 'gpu' }],
    ['sweeper', ['sweeper=random'], 'sweeper', { name: 'random', num_jobs: 20 }],
    ['sweeper', ['hydra/sweeper=basic'], 'sweeper', { name: 'grid' }],
    ['sweeper', ['hydra/sweeper=random', 'hydra.sweeper.num_jobs=3'], 'sweeper', { name: 'random', num_jobs: 3 }],
    ['engine', ['engine=cpu'], 'engine', { name: 'cpu', threads: null }],
  ])('%s: %j gives %s', async (_, overrides, key, expected) => {
    expect((await composed(overrides)).get(key)).toEqual(expected);
  });
});

describe('overrides', () => {
  it.each<[string[], string, unknown]>([
    [['model.backbone.patch_size=[4,4]'], 'model.backbone.patch_size', [4, 4]],
    [['model.backbone.{block_drop,block_attn_drop}=0.2'], 'model.backbone.block_attn_drop', 0.2],
    [['other.progress=false'], 'other.tqdm', false],
    [['logging.name=007'], 'logging.name', '007'],
    [['logging.name=7'], 'logging.name', '7'],
    [['logging.name='], 'logging.name', ''],
    [['+training.keep_checkpoints=5'], 'training.keep_checkpoints', 5],
    [['training.keep_checkpoints=5'], 'training.keep_checkpoints', 5],
    [['++training.batch_size=8'], 'training.batch_size', 8],
    [['~losses.l_objects'], 'losses.l_objects', null],
    [['~losses/l_objects'], 'losses.l_objects', null],
    [['~training.batch_size=64'], 'training.batch_size', 64],
    [['data.viz={max_samples:1}'], 'data.viz', { ...CLEVR.viz, max_samples: 1 }],
    [['model.obj_fn.pos_embed=backbone'], 'model.obj_fn.pos_embed', 'backbone'],
    // an option of a component that is chosen by default
    [['model.backbone.pos_embed.init=sine'], 'model.backbone.pos_embed', { name: 'learned', init: 'sine' }],
    [['model.obj_fn.num_iters=5'], 'model.obj_fn', { ...SLOT_ATTENTION, num_iters: 5 }],
    [['optimizer.name=adamw'], 'optimizer.name', 'adam'],
    [['optimizer=adamw'], 'optimizer.name', 'adam'],
    [['model.architecture=vit_global_obj'], 'model.architecture', 'backbone(-global_fn-global_proj)-obj_fn-obj_proj'],
    [
      ["model.architecture='backbone-slot_fn(-global_fn-global_proj)-slot_proj'"],
      'model.architecture',
      'backbone-obj_fn(-global_fn-global_proj)-obj_proj',
    ],
    // another component: of the one before stay keys of the parent and options that it has too, in whatever order
    [
      ['model.obj_fn.num_layers=3', 'model.obj_fn.name=cross-attention'],
      'model.obj_fn',
      { name: 'cross-attention', pos_embed: null, num_layers: 3, num_heads: 4, ...RATES, mlp_ratio: 2 },
    ],
    [['losses.l_global.weight=3', 'losses.l_global=sim'], 'losses.l_global', { name: 'sim', weight: 3 }],
    [['logging.trackers=[jsonl,wandb]'], 'logging.trackers', ['jsonl', 'wandb']],
    [['logging.jsonl.file=m.jsonl'], 'logging.jsonl', { file: 'm.jsonl' }],
    [['training.callbacks=[ema]'], 'training.ema', { decay: 0.999 }],
    [['training.callbacks=[{name: ema, decay: 0.5}]'], 'training.ema', { decay: 0.5 }],
    [['training.ema.decay=0.5'], 'training.ema', { decay: 0.5 }],
    [['training.callbacks=[ema]', 'training.ema={decay: 0.5}'], 'training.ema.decay', 0.5],
    [
      ['training.callbacks=[freeze]', 'training.freeze.parameters=x'],
      'training.freeze',
      { parameters: 'x', epochs: 1 },
    ],
    [['training.freeze.epochs=3'], 'training.freeze', { epochs: 3 }],
    [['data.viz.figures=[rollouts]'], 'data.viz.figures', ['rollouts']],
    [['data.viz.figures=[scatter]', 'data.viz.scatter.perplexity=5'], 'data.viz.scatter', { perplexity: 5 }],
    // a loss under a key of one's own
    [['losses.l_recon=slot-mixture'], 'losses.l_recon', MIXTURE],
    [['+losses.l_recon=slot-mixture'], 'losses.l_recon', MIXTURE],
    [['losses/l_recon=slot-mixture'], 'losses.l_recon', MIXTURE],
    [['+losses.l_recon.name=slot-mixture', '+losses.l_recon.weight=2'], 'losses.l_recon', { ...MIXTURE, weight: 2 }],
    [['losses.l_recon={name: slot-mixture, temp: 1}'], 'losses.l_recon', { ...MIXTURE, temp: 1 }],
    [['losses.l_2=ctr', 'losses.l_2.temp=1'], 'losses.l_2', { name: 'ctr', temp: 1, weight: 1 }],
    [['losses.l_recon=null'], 'losses.l_recon', null],
    [['logging.trackers=[{name: jsonl, file: m.jsonl}]'], 'logging.jsonl', { file: 'm.jsonl' }],
    [['data.root=${logging.project}/x'], 'data.root', 'iclr-osc-22/x'],
    // also keys that have their defaults
    [['data.root=${model.backbone.embed_dim}/${training.batch_size}'], 'data.root', '64/64'],
    [['logging.tags=${model.backbone.patch_size}'], 'logging.tags', ['8', '8']],
    [['model.obj_queries=sample', 'logging.notes=${model.obj_queries.num_objects}'], 'logging.notes', '11'],
    [['logging.notes=${data.test.vqa.num_epochs}'], 'logging.notes', '10000'],
    [['~training.batch_size'], 'training.batch_size', 64],
    [['~model.backbone.num_layers=4'], 'model.backbone.num_layers', 4],
    [['data.root=${oc.env:OSC_NO_SUCH_VARIABLE,here}'], 'data.root', 'here'],
  ])('%j gives %s', async (overrides, key, expected) => {
    expect((await composed(overrides)).get(key)).toEqual(expected);
  });

  it('are printed so that they give the same config again', async () => {
    const first = await composed([
      'training.batch_size=8',
      'model/obj_queries=sample',
      "logging.notes='a, b'",
      '~data.root',
    ]);
    expect((await composed([...first.overrides])).values).toEqual(first.values);
  });

  it('other.debug=true sets a short run, which the command line can still change', async () => {
    const { values, origin } = await composed(['other.debug=true', 'training.batch_size=8', 'data.val.seed=1']).then(
      (config) => ({ values: config.values, origin: config.origin('training.num_epochs') }),
    );
    expect(values.training).toMatchObject({ batch_size: 8, num_epochs: 3, checkpoint_interval: 1 });
    expect(values.other).toMatchObject({ debug: true, seed: 42 });
    expect(values.data).toMatchObject({
      train: { seed: 42, max_samples: 80 },
      val: { seed: 1, max_samples: 80, epoch_interval: 1 },
      viz: { seed: 42, epoch_interval: 1, max_samples: 4 },
      test: { max_samples: 40, epoch_interval: 1 },
    });
    expect(describeOrigin(origin)).toBe('other.debug=true');
  });
});

describe('--plugin', () => {
  it.each<[string[], string[], string, unknown]>([
    [['kmeans_euclidean'], [], 'model.obj_queries', { name: 'kmeans_euclidean', num_objects: 11 }],
    [['kmeans_euclidean'], ['model.obj_queries.num_objects=5'], 'model.obj_queries.num_objects', 5],
    [['sim'], ['losses.l_global.weight=2'], 'losses.l_global', { name: 'sim', weight: 2 }],
    [['sim'], ['+losses=more_objects'], 'losses.l_global.weight', 0.1],
    [['scenes'], ['data.crop_size=[64,64]'], 'data.crop_size', [64, 64]],
    [['cls'], [], 'model.backbone.global_pool', 'cls'],
    [['model.obj_fn.pos_embed=learned'], [], 'model.obj_fn.pos_embed', { name: 'learned', init: 'normal' }],
    [['model/obj_queries=learned'], [], 'model.obj_queries.name', 'learned'],
    [['wandb'], [], 'logging.trackers', ['jsonl', 'wandb']],
    [['ema'], [], 'training.callbacks', ['collapse', 'evaluation', 'figures', 'ema']],
    [['ctr_all'], [], 'losses.l_objects', { name: 'ctr_all', temp: 0.1, weight: 1 }],
    [['losses.l_recon=slot-mixture'], [], 'losses.l_recon', MIXTURE],
    [['losses/l_recon=slot-mixture'], ['losses.l_recon.weight=3'], 'losses.l_recon', { ...MIXTURE, weight: 3 }],
    [['losses.l_recon=ctr_all'], ['losses/l_objects=none'], 'losses.l_objects', null],
    [
      ['data.test.evaluators=segmentation'],
      [],
      'data.test.evaluators',
      ['segmentation', { name: 'vqa', optional: true, last_epoch_only: true }],
    ],
    [['vqa'], ['data=scenes'], 'data.test.evaluators', [{ name: 'segmentation', optional: true }, 'vqa']],
  ])('%j %j gives %s', async (plugins, overrides, key, expected) => {
    expect((await composed(overrides, { plugins })).get(key)).toEqual(expected);
  });
});

describe('config files', () => {
  const yaml = (text: string) => ({ 'osc.config.yaml': text });

  it('sets values over groups, under the command line, with the line as origin', async () => {
    const files = yaml('training:\n  batch_size: 16\n  num_epochs: 2\n');
    const config = await composed(['training.num_epochs=3'], { files });
    expect(config.values.training).toMatchObject({ batch_size: 16, num_epochs: 3 });
    expect(describeOrigin(config.origin('training.batch_size'))).toMatch(/osc\.config\.yaml:2$/);
    expect(describeOrigin(config.origin('training.num_epochs'))).toBe('the override "training.num_epochs=3"');
    expect(describeOrigin(config.origin('training.keep_checkpoints'))).toBe('default');
    expect(describeOrigin(config.origin('optimizer.eps'))).toBe('default of adam');
    expect((await composed([], { plugins: ['random'] })).get('sweeper.name')).toBe('random');
    const plugin = await composed([], { plugins: ['kmeans_euclidean'] });
    expect(describeOrigin(plugin.origin('model.obj_queries.name'))).toBe('the flag "--plugin kmeans_euclidean"');
    expect(describeOrigin(plugin.origin('model.obj_queries.num_objects'))).toBe('default of kmeans_euclidean');
    expect(describeOrigin(config.origin('model.backbone.global_pool'))).toBe(
      'osc-trainer/configs/model/vit_obj_global.yaml:13',
    );
  });

  it('chooses groups, also appended ones, and the command line chooses again', async () => {
    const files = yaml('defaults:\n  losses/l_objects: ctr_all\n  overfit: overfit\n');
    expect((await composed([], { files })).values).toMatchObject({
      losses: { l_objects: { name: 'ctr_all' } },
      logging: { tags: ['overfit'] },
    });
    const again = await composed(['losses/l_objects=sim_img', '~overfit'], { files });
    expect(again.values).toMatchObject({ losses: { l_objects: { name: 'sim_img' } }, logging: { tags: [] } });
  });

  it('keeps what belongs to the parent and drops options of a component that is no longer chosen', async () => {
    const files = yaml(
      'data:\n  root: /data\n  num_workers: 3\nmodel:\n  obj_fn:\n    num_iters: 7\n  obj_queries: kmeans_euclidean\n',
    );
    const scenes = await composed(['data=scenes'], { files });
    expect(scenes.values.data).toMatchObject({ name: 'scenes', num_workers: 3 });
    expect(scenes.values.data).not.toHaveProperty('root');
    expect(scenes.get('model.obj_queries.name')).toBe('kmeans_euclidean');
    expect(scenes.get('model.obj_fn.num_iters')).toBe(7);
    const global = await composed(['model=vit_global', 'losses/l_objects=none'], { files });
    expect(global.get('model.obj_fn')).toBeNull();
    expect(global.get('model.obj_queries')).toBeNull();
    const learned = await composed(['model/obj_queries=learned'], { files });
    expect(learned.get('model.obj_queries.name')).toBe('learned');
  });

  it.each([
    ['--plugin', { plugins: ['sample'] }, []],
    ['a name', {}, ['model.obj_queries=sample']],
    ['a component without a file', {}, ['model/obj_queries=of_a_plugin']],
  ])(
    'keeps options that the component chosen by %s has too',
    async (_, { plugins = [] }: { plugins?: string[] }, more) => {
      const files = yaml('model:\n  obj_queries:\n    name: learned\n    num_objects: 7\n');
      const config = await composed(more, { files, plugins });
      expect(config.get('model.obj_queries.name')).not.toBe('learned');
      expect(config.get('model.obj_queries.num_objects')).toBe(7);
    },
  );

  it('keeps none that the component would refuse, or that means nothing to it', async () => {
    const files = yaml('model:\n  obj_fn:\n    name: slot-attention\n    num_iters: 7\n    hidden_mult: 3\n');
    const config = await composed(['model.obj_fn.name=cross-attention'], { files });
    expect(config.get('model.obj_fn')).not.toHaveProperty('num_iters');
    expect(config.get('model.obj_fn.mlp_ratio')).toBe(2);
    const seen = await composed(['model.obj_queries=strict'], {
      files: yaml('model:\n  obj_queries:\n    name: learned\n    num_objects: 7\n'),
    });
    expect(seen.get('model.obj_queries.num_objects')).toBe('few');
  });

  it('appended groups of the command line win over the file', async () => {
    const files = yaml('data:\n  train:\n    max_samples: 7\n');
    expect((await composed(['+overfit=overfit'], { files })).values.data.train.max_samples).toBe(6400);
  });

  it('extends others, the extending file wins', async () => {
    const config = await composed([], {
      files: {
        'osc.config.yaml': 'extends: ./shared/base.json\nplugins: [osc-plugin-a]\ntraining: {batch_size: 4}\n',
        'shared/base.json': '{"training": {"batch_size": 2, "num_epochs": 9}, "plugins": ["./local"]}',
      },
    });
    expect(config.values.training).toMatchObject({ batch_size: 4, num_epochs: 9 });
  });

  it('finds groups of the user, which win over those of osc', async () => {
    const files = {
      'osc.config.yaml': 'configDirs: [conf]\n',
      'conf/optimizer/adam.yaml': 'name: adam\nstart_lr: 1e-3\nweight_decay: 0\n',
      'conf/exp/tiny.yaml':
        '# @package _global_\ndefaults:\n  - override /model/obj_queries: kmeans_euclidean\n  - /losses: more_objects\n  - _self_\ntraining: {batch_size: 2}\n',
      'conf/model/obj_queries/few.yaml': 'defaults:\n  - learned\nnum_objects: 3\n',
    };
    const config = await composed(['+exp=tiny'], { files });
    expect(config.get('')).toMatchObject({
      optimizer: { start_lr: 1e-3, weight_decay: 0 },
      training: { batch_size: 2 },
      losses: { l_global: { weight: 0.1 } },
      model: { obj_queries: { name: 'kmeans_euclidean' } },
    });
    const few = await composed(['model/obj_queries=few'], { files });
    expect(few.get('model.obj_queries')).toEqual({ name: 'learned', num_objects: 3 });
  });

  it('gives losses keys of their own, in a file and in a group', async () => {
    const config = await composed(['+losses=more_recon'], {
      files: {
        'osc.config.yaml': 'configDirs: [conf]\nlosses:\n  l_var: ctr\n',
        'conf/losses/more_recon.yaml': 'l_recon:\n  name: slot-mixture\n  weight: 0.5\n',
      },
    });
    expect(Object.keys(config.values.losses)).toEqual(['l_global', 'l_objects', 'l_var', 'l_recon']);
    expect(config.get('losses.l_recon')).toEqual({ ...MIXTURE, weight: 0.5 });
    expect(describeOrigin(config.origin('losses.l_recon.name'))).toMatch(/conf\/losses\/more_recon\.yaml:2$/);
    expect(describeOrigin(config.origin('losses.l_recon.temp'))).toBe('default of slot-mixture');
    expect(describeOrigin(config.origin('losses.l_var.weight'))).toBe('default');
    expect(describeOrigin(config.origin('data.test.vqa.split'))).toBe('default of vqa');
    expect(describeOrigin(config.origin('logging.jsonl.file'))).toBe('default of jsonl');
  });

  it('puts a group under another key with @', async () => {
    const files = {
      'osc.config.yaml': 'configDirs: [conf]\n',
      'conf/split/big.yaml': 'max_samples: 12\n',
    };
    const config = await composed(['+split@data.val=big', '+split@data.test=big'], { files });
    expect(config.values.data).toMatchObject({ val: { max_samples: 12 }, test: { max_samples: 12 } });
    expect(config.choices).toMatchObject({ 'split@data.val': 'big' });
  });
});

describe('what a user of Hydra writes', () => {
  const exp = (text: string, more: Record<string, string> = {}) => ({
    'osc.config.yaml': 'configDirs: [conf]\n',
    'conf/exp/x.yaml': `# @package _global_\n${text}`,
    ...more,
  });

  it('~group=choice takes the group out where that is the choice', async () => {
    expect((await composed(['~losses/l_objects=ctr_img'])).values.losses.l_objects).toBeNull();
    await expect(composed(['~losses/l_objects=sim_img'])).rejects.toThrow(
      /losses\/l_objects is ctr_img, so the override "~losses\/l_objects=sim_img" cannot take sim_img out/,
    );
  });

  it('??? leaves what is there, and must be given where nothing is', async () => {
    const files = exp(
      'logging: {notes: ???, project: ???}\nlr_scheduler: {warmup: {epochs: ???}}\noptimizer: {name: ???}\n',
      {
        'osc.config.yaml': 'configDirs: [conf]\n',
      },
    );
    const given = await composed(['+exp=x', 'logging.notes=n', 'logging.project=p'], { files });
    expect(given.get('logging.notes')).toBe('n');
    expect(given.get('lr_scheduler.warmup.epochs')).toBe(10);
    expect(given.get('optimizer.name')).toBe('adam');
    await expect(composed(['+exp=x'], { files })).rejects.toThrow(
      /logging\.notes must be given: .*x\.yaml:2 says "\?\?\?", and so must logging\.project/,
    );
    await expect(composed(['logging.name=???'])).rejects.toThrow(/logging\.name must be given/);
    await expect(composed(['logging.tags=[a,???]'])).rejects.toThrow(/logging\.tags must be given/);
  });

  it('an override given again counts once, with a note', async () => {
    const { values, notes, overrides } = await composed([
      'training.batch_size=8',
      'model.backbone.embed_dim=32',
      'training.batch_size=8',
    ]);
    expect(values.training.batch_size).toBe(8);
    expect(notes).toEqual(['The override "training.batch_size=8" is given more than once: the last one counts.']);
    expect(overrides).toEqual(['model.backbone.embed_dim=32', 'training.batch_size=8']);
  });

  it('settings of Hydra itself are left out, with one note', async () => {
    const files = exp(
      'defaults:\n  - override /hydra/job_logging: disabled\n  - override /hydra/launcher: submitit_slurm\n  - _self_\nhydra: {run: {dir: x}}\nlogging: {notes: n}\n',
    );
    const { values, notes } = await composed(['+exp=x'], { files });
    expect(values.logging.notes).toBe('n');
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(
      /the group hydra\/job_logging \(.*x\.yaml:2\), the group hydra\/launcher \(.*\), the section hydra \(.*x\.yaml:6\)/,
    );
    const own = await composed([], { files: { 'osc.config.yaml': 'hydra: {run: {dir: x}}\n' } });
    expect(own.notes).toHaveLength(1);
  });

  it('a plain item of another group goes to the keys of its folder', async () => {
    const files = exp('defaults:\n  - /losses/more_objects\n  - _self_\nlogging: {notes: n}\n');
    const config = await composed(['+exp=x'], { files });
    expect(config.get('losses.l_global.weight')).toBe(0.1);
    expect(config.get('logging.notes')).toBe('n');
  });

  it('a choice may lie in a folder of the group', async () => {
    const files = exp('defaults:\n  - /lr: sub/a\n', {
      'conf/lr/sub/a.yaml': '# @package _global_\noptimizer: {start_lr: 0.15}\n',
    });
    expect((await composed(['+lr=sub/a'], { files })).values.optimizer.start_lr).toBe(0.15);
    expect((await composed(['+exp=x'], { files })).values.optimizer.start_lr).toBe(0.15);
    await expect(composed(['+lr=sub/b'], { files })).rejects.toThrow(/no choice "sub\/b".*Did you mean sub\/a/);
  });

  it('links to folders of groups are followed, and lead round only once', async () => {
    const dir = project({
      'osc.config.yaml': 'configDirs: [conf]\n',
      'real/x.yaml': '# @package _global_\nlogging: {notes: n}\n',
      'conf/a/y.yaml': '',
    });
    symlinkSync('../real', join(dir, 'conf/exp'));
    symlinkSync('..', join(dir, 'conf/a/up'));
    symlinkSync('itself', join(dir, 'conf/a/itself'));
    const file = await loadConfigFile(dir);
    const config = await compose({ file, catalog: CATALOG, plugins: [], overrides: ['+exp=x'] });
    expect(config.get('logging.notes')).toBe('n');
  });

  it('folders of groups without end are refused', async () => {
    const names = [...'abcdefgh'];
    const dir = project({
      'osc.config.yaml': 'configDirs: [conf]\n',
      ...Object.fromEntries(names.map((n) => [`conf/${n}/x`, ''])),
    });
    for (const from of names) for (const to of names) symlinkSync(`../${to}`, join(dir, 'conf', from, to));
    const file = await loadConfigFile(dir);
    await expect(compose({ file, catalog: CATALOG, plugins: [], overrides: [] })).rejects.toThrow(
      /more than 10000 files\. Is .*conf one\? "configDirs" names them/,
    );
  });

  it('text has numbers as Python writes them', async () => {
    const files = exp(
      'optimizer: {start_lr: 1.0, weight_decay: 0.00001}\nlogging: {notes: "${optimizer.start_lr} ${optimizer.weight_decay} ${other.debug}"}\n',
    );
    expect((await composed(['+exp=x'], { files })).get('logging.notes')).toBe('1.0 1e-05 False');
    expect((await composed(['+exp=x', 'optimizer.start_lr=2.0'], { files })).get('logging.notes')).toMatch(/^2\.0 /);
  });

  it("the reference's own tree is read as it is, its backbone without a name", async () => {
    const files = {
      'osc.config.yaml': 'configDirs: [conf]\n',
      'conf/train.yaml':
        'defaults:\n  - model: vit_obj_global\n  - data: clevr10\n  - losses/l_global: ctr\n  - losses/l_objects: ctr_img\n  - optimizer: adam\n  - lr_scheduler: linear1_cosine4_x10\n  - override hydra/job_logging: colorlog\n  - override hydra/hydra_logging: colorlog\n  - _self_\nother: {debug: no, seed: null, device: null}\n',
      'conf/model/common.yaml':
        "architecture: null\nbackbone:\n  patch_size: [8, 8]\n  pos_embed: 'learned'\n  pos_embed_every_layer: yes\n  global_pool: 'cls'\nobj_queries: null\nobj_fn: null\nobj_proj: null\n",
    };
    const { values, notes } = await composed([], { files });
    expect(values.model.backbone).toMatchObject({ name: 'vit', options: { pos_embed_every_layer: true } });
    expect(notes).toHaveLength(1);
  });
});

describe('the result', () => {
  it('has components as they are read: name, options, keys of the parent', async () => {
    const { values } = await composed(['logging.trackers=[jsonl,wandb]']);
    expect(values.losses.l_global).toEqual({ name: 'ctr', options: { temp: 0.1 }, weight: 1 });
    expect(values.model.backbone.pos_embed).toEqual({ name: 'learned', options: { init: 'normal' } });
    expect(values.model.obj_fn?.pos_embed).toBeNull();
    expect(values.logging.trackers).toEqual([
      { name: 'jsonl', options: { file: 'metrics.jsonl' } },
      { name: 'wandb', options: {} },
    ]);
    expect(values.data.test.evaluators).toEqual([
      { name: 'segmentation', options: { attention: 'first' }, optional: true },
      {
        name: 'vqa',
        options: { seed: 759443315, num_epochs: 10000, split: 0.75, pos_weight: 14 },
        optional: true,
        last_epoch_only: true,
      },
    ]);
    expect(values.unlisted).toEqual({});
  });

  it('takes options of a component in a list from the section of its name; those of the list come first', async () => {
    const config = await composed(['data.test.evaluators=[{name:vqa,split:0.5}]', 'data.test.vqa.num_epochs=7']);
    const options = { seed: 759443315, num_epochs: 7, split: 0.5, pos_weight: 14 };
    expect(config.values.data.test.evaluators).toEqual([{ name: 'vqa', options }]);
    // written they stand in the section, where a later override of a saved config finds them
    expect(config.get('data.test.evaluators')).toEqual(['vqa']);
    expect(config.get('data.test.vqa')).toEqual(options);
    expect(describeOrigin(config.origin('data.test.vqa.split'))).toMatch(/^the override "data\.test\.evaluators=/);
    expect(describeOrigin(config.origin('data.test.vqa.num_epochs'))).toMatch(/^the override "data\.test\.vqa\.num/);
    expect(describeOrigin(config.origin('logging.jsonl.file'))).toBe('default of jsonl');
    await expect(composed(['data.test.vqa.num_epochs=0', '+data.test.vqa.epochs=1'])).rejects.toThrow(
      /data\.test\.vqa\.num_epochs/,
    );
    await expect(composed(['data.test.evaluators=[{name:vqa,num_epochs:0}]'])).rejects.toThrow(/num_epochs/);
    await expect(composed(['data.test.evaluators=[{name:vqa,epochs:3}]'])).rejects.toThrow(/epochs/);
  });

  it('keeps two components of one name apart, and options of one that no list names', async () => {
    const config = await composed([
      'training.callbacks=[{name: freeze, parameters: a}, {name: freeze, parameters: b}]',
      'training.freeze.epochs=3',
      'training.ema.decay=0.5',
    ]);
    expect(config.values.training.callbacks.map(({ options }) => options)).toEqual([
      { parameters: 'a', epochs: 3 },
      { parameters: 'b', epochs: 3 },
    ]);
    expect(config.get('training')).toMatchObject({
      callbacks: [
        { name: 'freeze', parameters: 'a' },
        { name: 'freeze', parameters: 'b' },
      ],
      freeze: { epochs: 3 },
      ema: { decay: 0.5 },
    });
    const again = await composed([], { files: { 'osc.config.yaml': printConfig(config.values) } });
    expect(again.values).toEqual(config.values);
  });

  it('is YAML that a config file may hold', async () => {
    const first = await composed(['training.batch_size=8']);
    const again = await composed([], { files: { 'osc.config.yaml': first.toYaml() } });
    expect(again.values).toEqual(first.values);
  });
});
