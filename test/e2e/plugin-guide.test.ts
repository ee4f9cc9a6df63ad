/** What docs/plugins.md shows, done as it says: the plugin with its manifest, in a project of its own, and its tests. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { runJson } from './run-cli';

const ROOT = join(__dirname, '../..');
const guide = readFileSync(join(ROOT, 'docs/plugins.md'), 'utf8');
const run = promisify(execFile);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-guide-'));
  mkdirSync(join(folder, 'zero-queries'));
  for (const name of ['package.json', 'index.js']) {
    writeFileSync(join(folder, 'zero-queries', name), codeAfter(`\`zero-queries/${name}\`:`));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The first block of code after a line of the page. */
function codeAfter(line: string): string {
  const [, rest] = guide.split(`\n${line}\n`);
  const code = /```\w+\n([\s\S]*?)```/.exec(rest ?? '')?.[1];
  if (code === undefined) throw new Error(`docs/plugins.md has no code after "${line}".`);
  return code;
}

test('the plugin is found, and its options are read', async () => {
  const args = ['plugins', 'inspect', 'zeros', '--plugin', './zero-queries'];
  expect(await runJson(args, { cwd: folder })).toMatchObject({
    kind: 'obj_queries',
    packageName: 'osc-plugin-zero-queries',
    options: [{ name: 'num_objects', default: 11 }],
  });
});

test('its tests pass, run by node:test', async () => {
  // what `npm install -D osc-trainer @tensorflow/tfjs-core` would bring
  for (const name of ['osc-trainer', '@tensorflow/tfjs-core']) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(name === 'osc-trainer' ? ROOT : join(ROOT, 'node_modules', name), link);
  }
  writeFileSync(join(folder, 'zero-queries/index.test.js'), codeAfter('## Tests'));
  writeFileSync(
    join(folder, 'globals.mjs'),
    `import { describe, it } from 'node:test';\nObject.assign(globalThis, { describe, it });\n`,
  );
  const { stdout } = await run(
    process.execPath,
    ['--test-reporter=tap', '--import', join(folder, 'globals.mjs'), 'zero-queries/index.test.js'],
    { cwd: folder, env: { ...process.env, NODE_OPTIONS: undefined, NODE_TEST_CONTEXT: undefined } },
  );
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(5);
});
