import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { manifestOf } from '../sdk/component';
import { Registry, type OwnComponent } from './registry';
import { LISTED, mainWith, manifest, temporaryFolder, writeFiles } from './test-packages.fixture';

let dir: string;
beforeEach(() => {
  dir = temporaryFolder();
});

const write = (files: Readonly<Record<string, unknown>>): string => writeFiles(dir, files);
const open = (...plugins: string[]): Promise<Registry> => Registry.open({ plugins, from: dir, cwd: dir });
/** Opens a registry with one plugin whose `package.json` lists `listed`, and whose main module is `main`. */
const openWith = (listed: readonly object[], main: string): Promise<Registry> => {
  write({ 'plugin/package.json': manifest('osc-plugin-x', listed), 'plugin/main.js': main });
  return open('./plugin');
};

describe('finding plugins', () => {
  const NAMED = { 'node_modules/osc-plugin-x/package.json': manifest('osc-plugin-x') };
  const enabled = (registry: Registry): string[] =>
    registry.entries().flatMap((entry) => (entry.builtin || !entry.enabled ? [] : [entry.packageName]));

  test('by name in node_modules of the file that names it, or above', async () => {
    write({ ...NAMED, 'deep/er/osc.config.ts': '' });
    const registry = await Registry.open({
      plugins: ['osc-plugin-x'],
      from: join(dir, 'deep/er/osc.config.ts'),
      cwd: '/',
    });
    expect(enabled(registry)).toEqual(['osc-plugin-x']);
  });

  test('by path, from the file that names it; of the command line, from the working directory', async () => {
    write({
      'conf/osc.config.ts': '',
      'conf/a/package.json': manifest('a', [{ ...LISTED, name: 'a' }]),
      'work/b/package.json': manifest('b', [{ ...LISTED, name: 'b' }]),
    });
    const registry = await Registry.open({
      plugins: ['./a'],
      from: join(dir, 'conf/osc.config.ts'),
      extra: ['./b'],
      cwd: join(dir, 'work'),
    });
    expect(enabled(registry)).toEqual(['a', 'b']);
  });

  test('named twice, by name and through a link, it is one', async () => {
    write({ 'source/package.json': manifest('osc-plugin-x') });
    mkdirSync(join(dir, 'node_modules'));
    symlinkSync(join(dir, 'source'), join(dir, 'node_modules/osc-plugin-x'));
    expect(enabled(await open('osc-plugin-x', './source', 'osc-plugin-x'))).toEqual(['osc-plugin-x']);
  });

  test('the spec opens the same registry elsewhere', async () => {
    write(NAMED);
    const registry = await open('osc-plugin-x');
    const spec = structuredClone(registry.spec);
    expect(enabled(await Registry.open(spec))).toEqual(['osc-plugin-x']);
  });

  test('installed but not enabled ones: by name, scope or keyword, the nearest of one name', async () => {
    const named = (name: string, component: string, rest: object = {}) =>
      manifest(name, [{ ...LISTED, name: component }], rest);
    write({
      'node_modules/osc-plugin-a/package.json': named('osc-plugin-a', 'outer'),
      'node_modules/@scope/osc-plugin-b/package.json': named('@scope/osc-plugin-b', 'scoped'),
      'node_modules/c/package.json': named('c', 'keyword', { keywords: ['osc-plugin'] }),
      'node_modules/d/package.json': named('d', 'neither', { description: '"osc-plugin"' }),
      'node_modules/.hidden/package.json': '{',
      'node_modules/osc-plugin-bad/package.json': '{',
      'in/node_modules/osc-plugin-a/package.json': named('osc-plugin-a', 'inner'),
    });
    const registry = await Registry.open({ plugins: [], from: dir, cwd: join(dir, 'in') });
    const found = registry.entries('tracker').filter((entry) => !entry.builtin);
    expect(found.map(({ name }) => name).sort()).toEqual(['inner', 'keyword', 'scoped']);
    expect(found.every((entry) => !entry.enabled)).toBe(true);
    expect(registry.lookup('tracker', 'inner')).toBeUndefined();
    expect(registry.brokenPlugins()).toEqual([
      { dir: join(dir, 'node_modules/osc-plugin-bad'), problem: expect.stringMatching(/is not valid JSON/) as string },
    ]);
  });

  test.each([
    ['osc-plugin-x', /The plugin "osc-plugin-x", named in .*, is not installed/, ['npm install osc-plugin-x']],
    ['folder', /is not installed/, ['write "./folder" for the folder of that name', 'npm install folder']],
    ['./gone', /There is no folder .*gone/, []],
    ['./file.js', /is a file; a plugin is named by the folder/, []],
    ['./folder', /The folder has no package\.json/, []],
  ])('%s, which is not there', async (plugin, message, hints) => {
    write({ 'folder/x': '', 'file.js': '' });
    await expect(open(plugin)).rejects.toThrow(message);
    await expect(open(plugin)).rejects.toMatchObject({ hints });
  });
});

describe('names', () => {
  test('two components of one kind with one name: both files are named', async () => {
    write({ 'a/package.json': manifest('a'), 'b/package.json': manifest('b') });
    await expect(open('./a', './b')).rejects.toThrow(
      `Two components of kind tracker are named "null". One is listed in ${join(dir, 'a/package.json')} (a), ` +
        `the other in ${join(dir, 'b/package.json')} (b).`,
    );
  });

  test('an alias that is the name of a built-in', async () => {
    write({ 'a/package.json': manifest('a', [{ ...LISTED, aliases: ['jsonl'] }]) });
    await expect(open('./a')).rejects.toThrow(`${join(dir, 'a/package.json')} (a, as an alias of "null")`);
  });

  test('one name in two kinds is no conflict', async () => {
    write({ 'a/package.json': manifest('a', [LISTED, { ...LISTED, kind: 'launcher' }]) });
    expect((await open('./a')).lookup('launcher', 'null')).toMatchObject({ packageName: 'a' });
  });

  test('an alias finds the component', async () => {
    const listed = { ...LISTED, aliases: ['none'] };
    const registry = await openWith([listed], mainWith(listed));
    expect(registry.lookup('tracker', 'none')).toMatchObject({ name: 'null' });
    expect(await registry.create('tracker', 'none')).toEqual({ options: { level: 3 } });
  });

  test('an unknown name: near ones, and the command that lists them', async () => {
    await expect((await open()).manifest('tracker', 'jsnl')).rejects.toMatchObject({
      name: 'UsageError',
      message: 'There is no tracker named "jsnl". Did you mean "jsonl"?',
      hints: ['osc plugins list --kind tracker'],
    });
  });

  test('a name in a plugin that is not enabled: how to enable it', async () => {
    write({ 'node_modules/osc-plugin-x/package.json': manifest('osc-plugin-x') });
    await expect((await open()).create('tracker', 'null')).rejects.toMatchObject({
      message: 'The tracker "null" is in the plugin osc-plugin-x, which is installed but not enabled.',
      hints: [`add 'osc-plugin-x' to "plugins" in osc.config.ts`, '--plugin osc-plugin-x'],
    });
  });
});

describe('loading', () => {
  test('makes instances with their own options', async () => {
    const registry = await openWith([LISTED], mainWith(LISTED));
    expect(await registry.create('tracker', 'null', { options: { level: 5 } })).toEqual({ options: { level: 5 } });
    expect(await registry.create('tracker', 'null')).toEqual({ options: { level: 3 } });
    await expect(registry.create('tracker', 'null', { options: { levle: 5 } })).rejects.toThrow(
      /there is no option "levle" \(did you mean level\?\)/,
    );
    const componentClass = await registry.componentClass('tracker', 'null');
    expect(manifestOf(componentClass)).toBe(await registry.manifest('tracker', 'null'));
  });

  test('opening and listing run nothing', async () => {
    const registry = await openWith([LISTED], 'throw new Error("executed");');
    expect(registry.entries('tracker')).toContainEqual(expect.objectContaining({ name: 'null', enabled: true }));
    await expect(registry.manifest('tracker', 'null')).rejects.toThrow(/main\.js threw Error: executed \(at /);
  });

  test('a main module that is not there', async () => {
    write({ 'plugin/package.json': manifest('osc-plugin-x') });
    const registry = await open('./plugin');
    await expect(registry.manifest('tracker', 'null')).rejects.toThrow(/names .*main\.js, which does not exist/);
  });

  const other = { kind: 'tracker', name: 'other', summary: 'Another' };
  test.each<[string, object[], object[], string]>([
    ['not exported', [LISTED, other], [LISTED], 'tracker "other" is listed but not exported'],
    ['not listed', [LISTED], [LISTED, other], 'the class Class1 is tracker "other", which is not listed'],
    ['another name', [LISTED], [other], 'tracker "null" is listed, but the class Class0 is tracker "other"'],
    [
      'another kind',
      [LISTED],
      [{ ...LISTED, kind: 'launcher' }],
      'tracker "null" is listed, but the class Class0 is launcher "null"',
    ],
    [
      'another summary',
      [LISTED],
      [{ ...LISTED, summary: 'Tracks all' }],
      'tracker "null" has the summary "Tracks nothing" in one and "Tracks all" in the other',
    ],
    [
      'other aliases',
      [{ ...LISTED, aliases: ['b', 'a'] }],
      [{ ...LISTED, aliases: ['a'] }],
      'tracker "null" has the aliases [a, b] in one and [a] in the other',
    ],
    [
      'another key',
      [{ ...LISTED, kind: 'loss', key: 'l_global' }],
      [{ ...LISTED, kind: 'loss' }],
      'loss "null" has the key "l_global" in one and none in the other',
    ],
    ['the same twice', [LISTED], [LISTED, LISTED], 'the classes Class0 and Class1 both are tracker "null"'],
  ])('a manifest that lies: %s', async (_, listed, exported, problem) => {
    const registry = await openWith(listed, mainWith(...exported));
    const entry = listed[0] as { kind: 'tracker'; name: string };
    await expect(registry.manifest(entry.kind, entry.name)).rejects.toThrow(
      `${join(dir, 'plugin/package.json')} and ${join(dir, 'plugin/main.js')} differ: ${problem}.`,
    );
  });

  test('a component of osc itself is listed and looked up like the rest', async () => {
    const own: OwnComponent = {
      kind: 'engine',
      name: 'abacus',
      summary: 'Slow',
      manifest: async () => ({ kind: 'engine', name: 'abacus', summary: 'Slow', options: z.strictObject({}) }),
    };
    const registry = await Registry.open({ plugins: [], from: dir, own: [own], cwd: dir });
    expect(registry.entries('engine')).toEqual([
      expect.objectContaining({ name: 'abacus', packageName: 'osc-trainer', builtin: true, enabled: true }),
    ]);
    expect(await registry.manifest('engine', 'abacus')).toMatchObject({ summary: 'Slow' });
    await expect(registry.componentClass('engine', 'abacus')).rejects.toThrow(/has no component class/);
  });
});
