import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitState } from './git-state';

let folder: string;
const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-git-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function repository(): void {
  git('init', '-q');
  writeFileSync(join(folder, 'a.txt'), 'a');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'One');
}

test('the commit, and whether something differs from it', () => {
  expect(gitState(folder)).toBeNull();
  repository();
  const commit = git('rev-parse', 'HEAD').trim();
  expect(gitState(folder)).toEqual({ commit, dirty: false });
  writeFileSync(join(folder, 'a.txt'), 'bb');
  expect(gitState(folder)).toEqual({ commit, dirty: true });
});

test('nothing of what the repository would have git run is run', () => {
  repository();
  const ran = join(folder, '.git', 'ran');
  const script = join(folder, '.git', 'script.sh');
  writeFileSync(script, `#!/bin/sh\ntouch ${ran}\ncat\n`, { mode: 0o755 });
  git('config', 'core.fsmonitor', script);
  git('config', 'filter.mine.clean', script);
  git('config', 'filter.mine.process', script);
  writeFileSync(join(folder, '.gitattributes'), '* filter=mine\n');
  writeFileSync(join(folder, 'a.txt'), 'b');
  expect(gitState(folder)).toMatchObject({ dirty: true });
  expect(existsSync(ran)).toBe(false);
  // as it is asked without care
  execFileSync('git', ['status', '--porcelain'], { cwd: folder, stdio: 'pipe' });
  expect(existsSync(ran)).toBe(true);
});
