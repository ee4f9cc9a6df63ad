import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

test('what TypeScript knows of the kernels is made of their table', () => {
  const script = join(__dirname, 'build-kernels.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
