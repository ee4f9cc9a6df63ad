/** `osc config` as a user runs it: the built command line in a project of its own. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, runJson } from './run-cli';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'osc-e2e-config-'));
  writeFileSync(join(project, 'package.json'), '{}');
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const show = (...args: string[]) => runCli(['config', 'show', ...args], { cwd: project });

it('prints a part of the config with the origin of every value', async () => {
  writeFileSync(join(project, 'osc.config.yaml'), 'optimizer:\n  weight_decay: 0\n');
  const args = ['--package', 'optimizer', '--origin', '+optimizer.eps=1e-6'];
  const { stdout, stderr, code } = await show(...args);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toBe(
    [
      'name: adam # osc-trainer/configs/optimizer/adam.yaml:2',
      'weight_decay: 0 # osc.config.yaml:2',
      'betas: [0.9, 0.999] # default of adam',
      'eps: 0.000001 # the override "+optimizer.eps=1e-6"',
      'start_lr: 0.0007 # default',
      '',
    ].join('\n'),
  );
});

it('takes --plugin, the overrides after it, and ~key', async () => {
  const args = ['--plugin', 'kmeans_euclidean', 'model.obj_queries.num_objects=7', '~losses/l_objects'];
  const config = await runJson<Record<string, Record<string, unknown>>>(['config', 'show', ...args], { cwd: project });
  expect(config['model']!['obj_queries']).toEqual({ name: 'kmeans_euclidean', num_objects: 7 });
  expect(config['losses']!['l_objects']).toBeNull();
});

it('reads osc.config.ts', async () => {
  writeFileSync(
    join(project, 'osc.config.ts'),
    "import { defineConfig } from 'osc-trainer/config';\nconst size: number = 8;\nexport default defineConfig({ training: { batch_size: size }, defaults: { optimizer: 'adam' } });\n",
  );
  const result = await runJson(['config', 'show', '--origin', '--package', 'training.batch_size'], { cwd: project });
  expect(result).toEqual({ values: 8, origins: { 'training.batch_size': 'osc.config.ts' } });
});

it('lists groups and prints a schema that knows the components', async () => {
  const { groups } = await runJson<{ groups: { group: string; default: string }[] }>(['config', 'groups'], {
    cwd: project,
  });
  expect(groups).toContainEqual(expect.objectContaining({ group: 'model', default: 'vit_obj_global' }));
  const schema = await runCli(['config', 'schema'], { cwd: project });
  expect(JSON.stringify(JSON.parse(schema.stdout))).toContain('kmeans_euclidean');
});

it.each<[string, string[], string]>([
  ['unknown key', ['training.batchsize=3'], 'Did you mean training.batch_size?'],
  ['wrong type', ['training.batch_size=abc'], 'should be a number'],
  ['two values for one key', ['other.seed=1', 'other.seed=2'], 'two values'],
  ['bad list', ['data.crop_size=[4,4'], 'not closed by "]"'],
  ['missing group', ['+experiments=demo'], 'There is no key or config group experiments'],
  ['missing choice', ['model=vit_globl'], 'vit_global'],
  ['component that is not there', ['model.obj_queries=no_such_queries'], 'no obj_queries component "no_such_queries"'],
  ['engine that is not there', ['engine=cuda'], 'no choice "cuda" in the config group engine'],
  ['choices without --multirun', ['optimizer.start_lr=1,2'], 'a sweep, which is started with --multirun'],
  ['plugin that is not there', ['--plugin', 'kmeans_euclidian'], 'kmeans_euclidean'],
  ['plugin package that is not installed', ['--plugin', 'osc-plugin-none'], 'osc-plugin-none'],
  ['plugin folder that is not there', ['--plugin', './none'], 'none'],
  ['unknown flag', ['--plugins', 'x'], '--plugin'],
])('osc train, %s: exit code 2, and no run directory', async (_, args, says) => {
  const { stdout, stderr, code } = await runCli(['train', ...args], { cwd: project });
  expect(stderr).toContain(says);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  expect(readdirSync(project)).toEqual(['package.json']);
});
