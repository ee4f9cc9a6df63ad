/** Jobs composed by one Composer are what each is when it is composed alone. */
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { UsageError } from '../sdk/errors';
import { BUILTINS, FakeCatalog, LATER } from './fake-catalog.fixture';
import { compose, type ComposedConfig, Composer, type ComposerInput, loadConfigFile } from '.';

const FILES: Readonly<Record<string, string>> = {
  'package.json': '{}',
  'osc.config.yaml':
    'extends: ./base.yaml\nconfigDirs: [mine]\ndefaults: {data: clevr10}\nmodel: {obj_fn: {num_iters: 2}}\n',
  'base.yaml':
    'defaults: {model: vit_obj_global}\nlogging: {notes: "of ${data.name}", tags: [a]}\nother: {progress: false}\n',
  'mine/exp/a.yaml':
    '# @package _global_\ndefaults:\n  - override /losses/l_objects: ctr_all\n  - _self_\ntraining: {batch_size: 8}\n',
  'mine/exp/b.yaml': '# @package _global_\nhydra: {run: {dir: x}}\nmodel: {backbone: {embed_dim: 32}}\n',
};
const OVERRIDES = [
  ['+exp=a', '+exp=b'],
  ['model=vit_global', 'model=vit_global_obj', 'model=none'],
  [
    'model/obj_queries=learned',
    'model/obj_queries=kmeans_euclidean',
    'model/obj_queries=of_a_plugin',
    'model.obj_queries=null',
  ],
  ['losses/l_objects=sim_img', 'losses/l_objects=none', '+losses=more_objects'],
  ['other.debug=true'],
  ['training.batch_size=4', 'training.batch_size=x', 'training.batch_size=4'],
  ['model.backbone.embed_dim=64', 'model.backbone={num_heads: 2}', '~model.backbone.num_layers'],
  ['logging.name="${data.name}-${training.batch_size}"', 'logging.tags=[b]', 'logging.nmae=x'],
  ['launcher=slurm', 'sweeper=random', 'hydra/launcher=submitit_slurm'],
  ['other.progress=true', 'other.tqdm=false'],
];

let input: ComposerInput;
beforeAll(async () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'osc-composer-')));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  const catalog = new FakeCatalog(BUILTINS, LATER);
  input = {
    file: await loadConfigFile(dir),
    catalog,
    plugins: ['early-stopping'].filter((name) => catalog.lookup('callback', name)),
  };
});

/** All that a config says of itself, or the mistake. */
async function told(composing: Promise<ComposedConfig>): Promise<unknown> {
  try {
    const config = await composing;
    return {
      values: config.values,
      yaml: config.toYaml('', { origins: true }),
      choices: config.choices,
      overrides: config.overrides,
      notes: config.notes,
    };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { message: error.message, hints: error.hints };
  }
}

const job = fc.tuple(
  ...OVERRIDES.map((choices) => fc.option(fc.constantFrom(...choices), { nil: undefined, freq: 2 })),
);

it('in any order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(job, { minLength: 1, maxLength: 4 }), async (jobs) => {
      const composer = new Composer(input);
      const all = jobs.map((texts) => texts.filter((text) => text !== undefined));
      for (const overrides of [...all, ...all]) {
        expect(await told(composer.compose(overrides))).toEqual(await told(compose({ ...input, overrides })));
      }
    }),
    { numRuns: 60 },
  );
});

it('at the same time', async () => {
  const composer = new Composer(input);
  const jobs = Array.from({ length: 20 }, (_, i) => [
    `training.batch_size=${i + 2}`,
    `model=${i % 2 ? 'vit_global' : 'vit_obj_global'}`,
  ]);
  const together = await Promise.all(jobs.map((overrides) => told(composer.compose(overrides))));
  for (const [index, overrides] of jobs.entries()) {
    expect(together[index]).toEqual(await told(compose({ ...input, overrides })));
  }
});

it('what one caller does to a config changes no other', async () => {
  const composer = new Composer(input);
  const overrides = ['model.backbone.embed_dim=64', 'logging.tags=[x,y]', 'data.crop_size=[32,32]'];
  const before = await told(composer.compose(overrides));
  const config = await composer.compose(overrides);
  config.values.logging.tags.push('z');
  config.values.data.crop_size[0] = 1;
  config.values.data.normalize.mean[0] = 7;
  expect(await told(composer.compose(overrides))).toEqual(before);
});
