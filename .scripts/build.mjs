// Builds dist/: src/ by tsc, then plugins/ against the built SDK, then what is not TypeScript, then oclif's manifest.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
// npx prepares a clone before its program is run the first time: what npm ci has built is not built again
const byNpx = process.env.npm_command === 'exec' && process.env.npm_lifecycle_event === 'prepare';
if (byNpx && existsSync(join(root, 'dist/cli/bin.js'))) process.exit(0);

const compiler = join(root, 'node_modules/typescript/bin/tsc');
if (!existsSync(compiler)) {
  console.error('Error: osc cannot be built: what it depends on is not installed.\n  Try: npm ci');
  // `npx osc` in a fresh clone prepares it, and shows nothing of why that fails; what it runs then says the same
  process.exit(byNpx ? 0 : 1);
}
const tsc = (project) => execFileSync(process.execPath, [compiler, '-p', join(root, project)], { stdio: 'inherit' });

rmSync(join(root, 'dist'), { recursive: true, force: true });
tsc('tsconfig.build.json');
chmodSync(join(root, 'dist/cli/bin.js'), 0o755);

const plugins = readdirSync(join(root, 'plugins'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
if (plugins.length > 0) tsc('tsconfig.plugins.json');
for (const { name } of plugins) {
  const target = join(root, 'dist/plugins', name);
  mkdirSync(target, { recursive: true });
  for (const file of ['package.json', 'README.md']) {
    const source = join(root, 'plugins', name, file);
    if (existsSync(source)) cpSync(source, join(target, file));
  }
}

// With a manifest oclif need not load every command to print help or to find one.
rmSync(join(root, '.oclif.manifest.json'), { force: true });
const { Config } = require('@oclif/core');
const config = await Config.load({ root, ignoreManifest: true });
const plugin = config.plugins.get(config.pjson.name);
writeFileSync(join(root, '.oclif.manifest.json'), JSON.stringify(plugin.manifest, null, 2) + '\n');
