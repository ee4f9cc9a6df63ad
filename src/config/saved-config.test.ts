import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILTINS, FakeCatalog, LATER } from './fake-catalog.fixture';
import {
  changeSavedConfig,
  compose,
  groupFolders,
  loadConfigFile,
  type OscConfig,
  printConfig,
  readSavedConfig,
} from '.';

const catalog = new FakeCatalog(BUILTINS, LATER);
const cwd = mkdtempSync(join(tmpdir(), 'osc-saved-'));
writeFileSync(join(cwd, 'package.json'), '{}');
const saved = join(cwd, 'config.yaml');

beforeAll(async () => {
  const file = await loadConfigFile(cwd);
  const overrides = ['model.backbone.num_heads=8', 'data.crop_size=[64,64]', 'losses.l_global.weight=0.5'];
  writeFileSync(saved, printConfig((await compose({ file, catalog, plugins: [], overrides })).values));
});

async function changed(overrides: string[], plugins: string[] = []): Promise<OscConfig> {
  const folders = groupFolders(await loadConfigFile(cwd));
  return (await changeSavedConfig(saved, { catalog, folders, plugins, overrides })).values;
}

test('without changes it is what was saved', async () => {
  const { model, data, losses } = await changed([]);
  expect(model.backbone).toMatchObject({ name: 'vit', options: { num_heads: 8 } });
  expect(data).toMatchObject({ name: 'CLEVR10', crop_size: [64, 64] });
  expect(losses.l_global).toMatchObject({ name: 'ctr', weight: 0.5 });
});

test('values, and groups merged over what was saved: what they do not say stays', async () => {
  const { model, data, training } = await changed([
    'model/obj_queries=sample',
    'model.obj_queries.num_components=3',
    'training.batch_size=5',
    'data.test.max_samples=7',
  ]);
  expect(model.obj_queries).toEqual({ name: 'sample', options: { num_objects: 11, num_components: 3 } });
  expect(model.backbone).toMatchObject({ options: { num_heads: 8 } });
  expect(data.test.max_samples).toBe(7);
  expect(training.batch_size).toBe(5);
});

test('--plugin chooses a component', async () => {
  expect((await changed([], ['kmeans_euclidean'])).model.obj_queries).toEqual({
    name: 'kmeans_euclidean',
    options: { num_objects: 11 },
  });
});

test.each([
  [['model/obj_queries=ghosts'], /ghosts/],
  [['model.backbone.num_heeds=3'], /num_heeds/],
  [['training.batch_size=4', 'training.batch_size=5'], /two values/],
  [['training.batch_size=4,5'], /sweep/],
  [['model.obj_queries.num_objects=0'], /num_objects/],
])('%p is refused', async (overrides, message) => {
  await expect(changed(overrides)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringMatching(message),
  });
});

test('an override given again counts once, with a note', async () => {
  const folders = groupFolders(await loadConfigFile(cwd));
  const overrides = ['training.batch_size=4', 'training.batch_size=4'];
  const { values, notes } = await changeSavedConfig(saved, { catalog, folders, plugins: [], overrides });
  expect(values.training.batch_size).toBe(4);
  expect(notes).toHaveLength(1);
});

describe('on --resume', () => {
  test.each(['training.clip_grad_norm=1', 'training.accumulate_batches=2', 'training.callbacks=[]', 'losses.l_2=ctr'])(
    '%s is refused: what was computed so far depends on it',
    async (override) => {
      await expect(readSavedConfig(saved, catalog, [override])).rejects.toThrow(/cannot be used with --resume/);
    },
  );

  test('options of evaluators, figures and trackers may change, in the sections that the saved config has', async () => {
    const { values } = await readSavedConfig(saved, catalog, [
      'data.test.vqa.num_epochs=5',
      'logging.jsonl.file=m.jsonl',
    ]);
    expect(values.data.test.evaluators.find(({ name }) => name === 'vqa')?.options).toMatchObject({ num_epochs: 5 });
    expect(values.logging.trackers).toEqual([{ name: 'jsonl', options: { file: 'm.jsonl' } }]);
  });
});

describe('on --replay', () => {
  test.each(['training.num_epochs=3', 'data.test.max_samples=3', 'optimizer.start_lr=1', 'data.train.seed=3'])(
    '%s is refused: a run is repeated as it was',
    async (override) => {
      await expect(readSavedConfig(saved, catalog, [override], 'replay')).rejects.toThrow(
        /cannot be used with --replay\. A run is repeated as it was\. What may be changed: data\.num_workers, engine,/,
      );
    },
  );

  test('where it runs and what is told of it may change', async () => {
    const overrides = ['data.num_workers=0', 'engine.threads=3', 'logging.name=again', 'other.tqdm=false'];
    const { values } = await readSavedConfig(saved, catalog, overrides, 'replay');
    expect(values).toMatchObject({
      data: { num_workers: 0 },
      engine: { threads: 3 },
      logging: { name: 'again' },
      other: { tqdm: false },
    });
  });
});
