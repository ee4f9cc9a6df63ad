import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

test('the committed modules are those of the sources', () => {
  const script = join(__dirname, 'build.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
