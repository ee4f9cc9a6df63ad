import { mkdtempSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockRun } from './lock';

test('a run of a living process is refused, with its number and what to do', () => {
  const runDir = mkdtempSync(join(tmpdir(), 'osc-lock-'));
  const lock = join(runDir, '.lock');
  lockRun(runDir)();
  writeFileSync(lock, JSON.stringify({ host: hostname(), pid: process.ppid }));
  expect(() => lockRun(runDir)).toThrow(
    expect.objectContaining({
      name: 'UsageError',
      what: `The run in ${runDir} is being trained by process ${process.ppid} on ${hostname()}.`,
      hints: [expect.stringContaining('wait'), expect.stringContaining(`rm ${lock}`)],
    }),
  );
});
