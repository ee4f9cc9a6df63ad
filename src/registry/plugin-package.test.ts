import { join } from 'node:path';
import { packageTypeOf, readPluginPackage } from './plugin-package';
import { LISTED, manifest, temporaryFolder, writeFiles } from './test-packages.fixture';

const plugin = (oscPlugin: unknown, rest: object = {}) => ({
  name: 'osc-plugin-x',
  version: '1.0.0',
  oscPlugin,
  ...rest,
});
const good = { apiVersion: 1, main: './main.js', components: [LISTED] };
const withComponent = (component: object) => plugin({ ...good, components: [component] });

test('reads what the manifest says', () => {
  const dir = writeFiles(temporaryFolder(), {
    'package.json': manifest('osc-plugin-x', [{ ...LISTED, aliases: ['none'] }]),
  });
  expect(readPluginPackage(dir)).toEqual({
    name: 'osc-plugin-x',
    version: '1.0.0',
    dir,
    manifestFile: join(dir, 'package.json'),
    main: join(dir, 'main.js'),
    components: [{ ...LISTED, aliases: ['none'] }],
  });
});

test.each<[string, unknown, RegExp]>([
  ['no name', { oscPlugin: good }, /"name" should be the name/],
  ['no oscPlugin', { name: 'x' }, /It has no "oscPlugin" key/],
  ['oscPlugin as text', plugin('./main.js'), /"oscPlugin" should be an object, not "\.\/main\.js"/],
  ['no apiVersion', plugin({ ...good, apiVersion: undefined }), /"oscPlugin\.apiVersion" in .* is missing/],
  ['an apiVersion as text', plugin({ ...good, apiVersion: '1' }), /is "1"; this osc speaks version 1/],
  ['a later apiVersion', plugin({ ...good, apiVersion: 2 }), /made for another version of osc/],
  ['an unknown key', plugin({ ...good, entry: 1 }), /"oscPlugin" has an unknown key "entry"/],
  ['no main', plugin({ ...good, main: undefined }), /"oscPlugin\.main" should be the path .*, not missing/],
  ['a main elsewhere', plugin({ ...good, main: '../main.js' }), /lies outside the package/],
  ['no components', plugin({ ...good, components: [] }), /"oscPlugin\.components" should be a list/],
  ['a component as text', plugin({ ...good, components: ['x'] }), /"oscPlugin\.components\[0\]" should be an object/],
  [
    'an unknown kind',
    withComponent({ ...LISTED, kind: 'traker' }),
    /is "traker".* Did you mean tracker\? The kinds are backbone, .*, loss, .*, callback, figure, .*\./,
  ],
  ['a kind of the reference', withComponent({ ...LISTED, kind: 'l_global' }), /"l_global".* The kinds are backbone, /],
  [
    'a key of another kind',
    withComponent({ ...LISTED, key: 'l_recon' }),
    /key" is for losses, and this is of kind tracker/,
  ],
  ['a key that is none', withComponent({ ...LISTED, kind: 'loss', key: 'l recon' }), /key" should be a key of losses/],
  ['an engine', withComponent({ ...LISTED, kind: 'engine' }), /engines do not come from plugins/],
  ['a name with a space', withComponent({ ...LISTED, name: 'my tracker' }), /components\[0\]\.name" should be a name/],
  ['no summary', withComponent({ kind: 'tracker', name: 'x' }), /summary" should be one line of text, not missing/],
  ['a summary of two lines', withComponent({ ...LISTED, summary: 'a\nb' }), /summary" should be one line/],
  ['an alias for aliases', withComponent({ ...LISTED, aliases: 'none' }), /aliases" should be a list of names/],
  ['an unknown key of a component', withComponent({ ...LISTED, title: 'x' }), /has an unknown key "title"/],
  ['not JSON', '{', /is not valid JSON/],
  ['a list', '[]', /does not hold a JSON object/],
])('refuses %s', (_, content, message) => {
  const dir = writeFiles(temporaryFolder(), { 'package.json': content });
  const read = (): unknown => readPluginPackage(dir);
  expect(read).toThrow(message);
  expect(read).toThrow(expect.objectContaining({ name: 'UsageError' }));
  expect(read).toThrow(join(dir, 'package.json'));
});

test('a folder without a package.json', () => {
  expect(() => readPluginPackage(temporaryFolder())).toThrow(/The folder has no package\.json/);
});

test('the module system of a file: its ending, else the nearest package.json', () => {
  const dir = writeFiles(temporaryFolder(), {
    'package.json': { name: 'x', type: 'module' },
    'dist/cjs/package.json': { type: 'commonjs' },
  });
  const type = (file: string): string => packageTypeOf(join(dir, file), dir);
  expect(['main.js', 'main.cjs', 'dist/main.js', 'dist/cjs/main.js', 'dist/cjs/main.mjs'].map(type)).toEqual([
    'module',
    'commonjs',
    'module',
    'commonjs',
    'module',
  ]);
});
