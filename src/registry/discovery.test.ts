import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInstalled } from './discovery';

it('passes over what cannot be read in node_modules', () => {
  const modules = join(mkdtempSync(join(tmpdir(), 'osc-installed-')), 'node_modules');
  for (const name of ['osc-plugin-good', 'osc-plugin-pipe', 'osc-plugin-folder/package.json', '@locked/osc-plugin-x']) {
    mkdirSync(join(modules, name), { recursive: true });
  }
  writeFileSync(join(modules, 'osc-plugin-good/package.json'), '{"name": "osc-plugin-good", "oscPlugin": 3}');
  execFileSync('mkfifo', [join(modules, 'osc-plugin-pipe/package.json')]);
  symlinkSync('@loop', join(modules, '@loop'));
  symlinkSync('nowhere', join(modules, '@nowhere'));
  writeFileSync(join(modules, '@file'), '');
  chmodSync(join(modules, '@locked'), 0); // root reads it all the same: there is no package.json
  const { plugins, broken } = findInstalled(join(modules, '..'));
  expect(plugins).toEqual([]);
  expect(broken.map(({ dir }) => dir)).toEqual([expect.stringMatching(/osc-plugin-good$/)]);
});
