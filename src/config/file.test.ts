import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfigFile } from '.';
import { valueOf } from './tree';

function project(files: Record<string, string>): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'osc-file-')));
  for (const [name, text] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

const TRAINING = { training: { batch_size: 8 } };

it.each<[string, string]>([
  [
    'osc.config.ts',
    "import { defineConfig } from 'osc-trainer/config';\nexport default defineConfig({ training: { batch_size: 8 as number } });",
  ],
  ['osc.config.js', 'module.exports = { training: { batch_size: 8 } };'],
  ['osc.config.cjs', 'module.exports = () => ({ training: { batch_size: 8 } });'],
  ['osc.config.mjs', 'export default async () => ({ training: { batch_size: 8 } });'],
  ['osc.config.json', '{"training": {"batch_size": 8}}'],
  ['osc.config.yaml', 'training: {batch_size: 8}'],
  ['osc.config.yml', 'training: &t {batch_size: 8}'],
  ['.oscrc', 'training:\n  batch_size: 8'],
  ['.oscrc.json', '{"training": {"batch_size": 8}}'],
])('reads %s', async (name, text) => {
  const dir = project({ [name]: text });
  const file = await loadConfigFile(dir);
  expect(file.path).toBe(join(dir, name));
  expect(file.from).toBe(file.path);
  expect(file.layers.map(({ values }) => valueOf(values))).toEqual([TRAINING]);
});

it('is found from a folder below, up to the package.json', async () => {
  const dir = project({ 'osc.config.json': '{}', 'a/b/x': '', 'other/package.json': '{}', 'other/c/x': '' });
  expect((await loadConfigFile(join(dir, 'a/b'))).path).toBe(join(dir, 'osc.config.json'));
  expect((await loadConfigFile(join(dir, 'other/c'))).path).toBeNull();
});

it('gives the folder where there is no file', async () => {
  const dir = project({});
  expect(await loadConfigFile(dir)).toEqual({ path: null, from: dir, plugins: [], configDirs: [], layers: [] });
});

it('an empty file is an empty config', async () => {
  const file = await loadConfigFile(project({ 'osc.config.yaml': '# nothing yet\n' }));
  expect(file.layers.map(({ values }) => valueOf(values))).toEqual([{}]);
});

it('takes paths from the file that names them, the most basic file first', async () => {
  const dir = project({
    'osc.config.yaml':
      'extends: [./team/base.yaml, osc-config-lab]\nplugins: [./mine, osc-plugin-x]\nconfigDirs: [conf]\n',
    'team/base.yaml': 'plugins: [./ours]\nconfigDirs: [groups]\nother: {seed: 1}\n',
    'team/groups/x.yaml': '',
    'conf/x.yaml': '',
    'node_modules/osc-config-lab/package.json': '{"main": "lab.json"}',
    'node_modules/osc-config-lab/lab.json': '{"other": {"seed": 2}}',
  });
  const file = await loadConfigFile(dir);
  expect(file.plugins).toEqual([join(dir, 'team/ours'), join(dir, 'mine'), 'osc-plugin-x']);
  expect(file.configDirs).toEqual([join(dir, 'team/groups'), join(dir, 'conf')]);
  expect(file.layers.map(({ values }) => valueOf(values))).toEqual([
    { other: { seed: 1 } },
    { other: { seed: 2 } },
    {},
  ]);
});
