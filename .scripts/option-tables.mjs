// Writes the tables of options in the READMEs of plugins anew, from the schemas of the built plugins.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const { findBuiltins } = require(join(root, 'dist/registry/discovery.js'));
const { loadPlugin } = require(join(root, 'dist/registry/load-plugin.js'));
const { fillOptionTables } = require(join(root, 'dist/registry/option-tables.js'));

for (const plugin of findBuiltins()) {
  const file = join(root, 'plugins', plugin.name.replace(/^osc-plugin-/, ''), 'README.md');
  const readme = readFileSync(file, 'utf8');
  const manifests = (await loadPlugin(plugin, true)).map(({ manifest }) => manifest);
  const filled = fillOptionTables(readme, manifests);
  if (filled === readme) continue;
  writeFileSync(file, filled);
  console.log(file);
}
