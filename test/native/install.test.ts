/** What installing does where the addon cannot be built. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
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

/** The last line; what comes before are words of the compiler. */
const LINE =
  /^osc: the native engine could not be built, as (.*)\. The wasm engine is used instead.*npm rebuild osc-trainer/;

test.each(['', 'env '])('a compiler that fails says why, before that line (CXX="%sc++")', (launcher) => {
  const folder = mkdtempSync(join(tmpdir(), 'osc-compiler-'));
  const compiler = join(folder, 'c++');
  const CXX = launcher + compiler;
  writeFileSync(compiler, '#!/bin/sh\n[ "$1" = --version ] || { echo "no such header" >&2; exit 1; }\n', {
    mode: 0o755,
  });
  const { status, stdout } = install({ CXX });
  expect(status).toBe(0);
  const [said, line] = stdout.trimEnd().split('\n');
  expect(said).toBe('no such header');
  expect(LINE.exec(line!)?.[1]).toBe(`${CXX} failed`);
});

test('a place that cannot be written does not end the installation of a project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'osc-place-'));
  const root = join(__dirname, '../..');
  cpSync(join(root, 'src/engine/native/install.mjs'), join(folder, 'src/engine/native/install.mjs'));
  cpSync(join(root, 'src/engine/native/cpp'), join(folder, 'src/engine/native/cpp'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, '.native'), ''); // a file in the place of the folder
  const script = join(folder, 'src/engine/native/install.mjs');
  const { status, stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(LINE.exec(stdout)?.[1]).toMatch(/EEXIST|ENOTDIR/);
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
