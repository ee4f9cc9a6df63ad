/** What holds for every plugin of the box. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinPluginsDir, findBuiltins } from './discovery';
import { loadPlugin } from './load-plugin';
import { componentsWithTable, fillOptionTables } from './option-tables';
import { Registry } from './registry';

const root = builtinPluginsDir();
const folders = readdirSync(root).sort();

test('every folder of plugins/ is a plugin', () => {
  expect(findBuiltins().map(({ dir }) => dir)).toEqual(folders.map((folder) => join(root, folder)));
});

test('no two components have one name', async () => {
  const registry = await Registry.open({ plugins: [], from: root, cwd: root });
  expect(registry.entries().filter(({ builtin }) => builtin).length).toBeGreaterThanOrEqual(folders.length);
});

describe.each(findBuiltins().map((plugin) => [plugin.dir.slice(root.length + 1), plugin] as const))(
  '%s',
  (folder, plugin) => {
    test('its manifest lists what it exports, with the same words', async () => {
      expect(await loadPlugin(plugin, true)).toHaveLength(plugin.components.length);
    });

    test('is named after its folder', () => {
      expect(plugin.name).toBe(`osc-plugin-${folder}`);
    });

    test('has a README that names its components, and their options or the command that lists them', async () => {
      const readme = readFileSync(join(plugin.dir, 'README.md'), 'utf8');
      const manifests = (await loadPlugin(plugin, true)).map(({ manifest }) => manifest);
      const withTable = componentsWithTable(readme, manifests);
      for (const manifest of manifests) {
        expect(readme).toContain(manifest.name);
        const isTold = withTable.includes(manifest) || readme.includes(`osc plugins inspect ${manifest.name}`);
        expect(isTold || Object.keys(manifest.options.shape).length === 0).toBe(true);
      }
    });

    test('has tables of options as its schemas are now; if not: npm run docs:options', async () => {
      const readme = readFileSync(join(plugin.dir, 'README.md'), 'utf8');
      const manifests = (await loadPlugin(plugin, true)).map(({ manifest }) => manifest);
      expect(readme).toBe(fillOptionTables(readme, manifests));
    });

    test('runs the contract tests on every component', async () => {
      const tests = readdirSync(plugin.dir).filter((file) => file.endsWith('.test.ts'));
      const text = tests.map((file) => readFileSync(join(plugin.dir, file), 'utf8')).join('\n');
      for (const { componentClass } of await loadPlugin(plugin, true)) {
        expect(text).toMatch(new RegExp(`testComponent\\(${componentClass.name}\\b`));
      }
    });

    test('its main module is there, as source', () => {
      expect(existsSync(plugin.main.replace(/\.js$/, '.ts'))).toBe(true);
    });
  },
);
