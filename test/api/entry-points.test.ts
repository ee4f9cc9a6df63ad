/** What docs/api and docs/decisions/sdk.md say of the package's entry points. Needs `npm run build`. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const node = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, args, { cwd: join(__dirname, '../..') })).stdout;

test('docs/api says what the entry points export, and a plugin can name every type that it meets', async () => {
  // its output names what differs and how to mend it
  await node('.scripts/api-report.mjs', '--check');
});

test.each(['osc-trainer/sdk/metrics', 'osc-trainer/sdk/image'])('%s loads without TensorFlow.js', async (room) => {
  const loaded = await node('-p', `require('${room}'), Object.keys(require.cache).join('\\n')`);
  expect(loaded).toContain('index.js');
  expect(loaded).not.toContain('@tensorflow');
});
