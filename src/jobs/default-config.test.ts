/** The config that `osc train` has where nothing is written: where its values stand. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComposedConfig } from '../config';
import { openProject } from './project';

let config: ComposedConfig;

beforeAll(async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'osc-default-'));
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
  ]);
});

test('the default of a component is told to be its own', () => {
  expect(config.origin('model.backbone.patch_size')).toEqual({ kind: 'default', of: 'vit' });
  expect(config.origin('data.test.vqa.num_epochs')).toEqual({ kind: 'default', of: 'vqa' });
  expect(config.origin('logging.jsonl.file')).toMatchObject({ kind: 'default' });
  expect(config.origin('training.batch_size')).toEqual({ kind: 'default' });
});
