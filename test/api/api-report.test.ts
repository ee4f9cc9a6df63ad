import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '../..');

test('docs/api says what the entry points export, and a plugin can name every type that it meets', async () => {
  // its output names what differs and how to mend it
  await promisify(execFile)(process.execPath, ['.scripts/api-report.mjs', '--check'], { cwd: ROOT });
});
