/** What installing does where the addon cannot be built. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSTALL = join(__dirname, '../../src/engine/native/install.mjs');
const install = (env: Record<string, string>, ...args: string[]) =>
  spawnSync(process.execPath, [INSTALL, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });

test.each([
  ['CXX names none', { CXX: '/nonexistent' }],
  ['PATH has none', { CXX: '', PATH: '/nonexistent' }],
])('without a compiler (%s) it says in a line what runs instead and how to get it, and exits 0', (_, env) => {
  const { status, stdout, stderr } = install(env);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(
    /^osc: the native engine could not be built, as there is no C\+\+ compiler.*wasm engine is used instead.*npm rebuild osc-trainer.*\n$/,
  );
});

test('it does its work where it is reached through a link', () => {
  const link = join(mkdtempSync(join(tmpdir(), 'osc-link-')), 'osc');
  symlinkSync(join(__dirname, '../..'), link);
  const args = [join(link, 'src/engine/native/install.mjs')];
  const { stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, CXX: '/nonexistent' },
  });
  expect(stdout).toContain('could not be built');
});

test('--strict exits 1 instead', () => {
  expect(install({ CXX: '/nonexistent' }, '--strict').status).toBe(1);
});
