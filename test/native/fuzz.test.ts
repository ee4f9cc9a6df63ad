/** The addon's functions take any arguments without a crash. In a process of its own, which a crash would end. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const ADDON = join(ROOT, '.native', `osc-${process.platform}-${process.arch}.node`);

test('random calls work, or throw a TypeError that names the op', () => {
  const calls = process.env['CI'] === 'true' ? '10000' : '2500';
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [join(__dirname, 'fuzz.mjs'), ADDON, '--calls', calls],
    { encoding: 'utf8', timeout: 280_000 },
  );
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  const counts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(counts.length).toBeGreaterThan(25);
  for (const { op, worked, refused } of counts.filter((count) => 'op' in count)) {
    expect({ op, worked, refused }).toEqual({ op, worked: expect.any(Number), refused: expect.any(Number) });
    expect(worked).toBeGreaterThan(Number(calls) / 5);
  }
}, 300_000);
