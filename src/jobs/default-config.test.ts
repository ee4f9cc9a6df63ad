/** The config that `osc train` has where nothing is written: where its values stand. */
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ComposedConfig, Composer } from '../config';
import { readSpace, REFERENCE_SWEEP } from '../launch';
import type { SweptValue } from '../sdk/contracts/sweeper';
import { openProject, openRegistryOf } from './project';

let cwd: string;
let config: ComposedConfig;

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-default-'));
  writeFileSync(join(cwd, 'package.json'), '{}');
  ({ config } = await openProject({ cwd, overrides: [] }));
});

const keys = (): string[] => Array.from(config.entries(), ([key]) => key);

test('every value is from a group of osc or the default of a schema', () => {
  const elsewhere = keys().filter((key) => {
    const { kind } = config.origin(key);
    return kind !== 'group' && kind !== 'default';
  });
  expect(elsewhere).toEqual([]);
});

test('groups hold choices and what differs from a default; all else is the default of a schema', () => {
  const ofGroups = keys().filter((key) => config.origin(key).kind === 'group');
  expect(ofGroups).toEqual([
    'model.architecture',
    'model.backbone.name',
    'model.backbone.global_pool',
    'model.obj_queries.name',
    'model.obj_fn.name',
    'losses.l_global.name',
    'losses.l_objects.name',
    'optimizer.name',
    // the names of these groups say them: linear1_cosine4_x10
    'lr_scheduler.warmup.epochs',
    'lr_scheduler.decay.name',
    'lr_scheduler.decay.epochs',
    'data.name',
    'data.test.evaluators',
    'engine.name',
    'launcher.name',
    'sweeper.name',
  ]);
});

test('the default of a component is told to be its own', () => {
  expect(config.origin('model.backbone.patch_size')).toEqual({ kind: 'default', of: 'vit' });
  expect(config.origin('data.test.vqa.num_epochs')).toEqual({ kind: 'default', of: 'vqa' });
  expect(config.origin('logging.jsonl.file')).toMatchObject({ kind: 'default' });
  expect(config.origin('training.batch_size')).toEqual({ kind: 'default' });
});

describe('the groups of configs/exp', () => {
  const recipes = readdirSync(join(__dirname, '../../configs/exp')).map((file) => file.replace('.yaml', ''));

  test.each(recipes)('%s composes', async (recipe) => {
    const { config: composed } = await openProject({ cwd, overrides: [`+exp=${recipe}`] });
    expect(composed.overrides).toEqual([`+exp=${recipe}`]);
  });

  test('those of the reference differ in the loss alone', async () => {
    const compose = async (loss: string): Promise<object> => {
      const composed = await openProject({ cwd, overrides: [`+exp=clevr10_${loss}`] });
      expect(composed.config.get('losses.l_objects')).toMatchObject({ name: loss, weight: 0.05 });
      return { ...composed.config.values, losses: null };
    };
    const [all, image, sim] = await Promise.all(['ctr_all', 'ctr_img', 'sim_img'].map(compose));
    expect(image).toEqual(all);
    expect(sim).toEqual(all);
    expect(all).toMatchObject({
      data: { name: 'CLEVR10', crop_scale: [0.1, 1] },
      model: { backbone: { options: { patch_size: [4, 4], num_layers: 2, num_heads: 8, embed_dim: 64 } } },
    });
  });
});

test("each job of the sweep of the reference's README composes", async () => {
  const { file, registry } = await openRegistryOf({ cwd });
  const composer = new Composer({ file, catalog: registry, plugins: [] });
  const space = readSpace(REFERENCE_SWEEP, composer.folders);
  const all = space.dimensions.reduce<SweptValue[][]>(
    (jobs, { choices = [] }) => jobs.flatMap((values) => choices.map((value) => [...values, value])),
    [[]],
  );
  const composed: unknown[] = [];
  for (const { overrides } of space.jobs(all)) {
    const { values } = await composer.compose(overrides);
    expect(values.launcher.name).toBe('slurm');
    expect(values.logging.group).toBe('slurm_sweep');
    composed.push(JSON.stringify([values.model, values.losses]));
  }
  expect(new Set(composed).size).toBe(108);
});
