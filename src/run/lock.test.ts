import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockRun } from './lock';

test('a run of a living process is refused, with its number and what to do; without its folder it is lost', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'osc-lock-'));
  const tell = jest.fn();
  const lock = await lockRun(runDir, tell);
  await expect(lockRun(runDir, tell)).rejects.toMatchObject({
    name: 'UsageError',
    what: `The run in ${runDir} is being trained by process ${process.pid} on ${hostname()}.`,
    hints: [expect.stringContaining('wait'), expect.stringContaining(`rm ${join(runDir, '.lock')}`)],
  });
  expect(() => lock.throwIfLost()).not.toThrow();
  rmSync(runDir, { recursive: true });
  expect(() => lock.throwIfLost()).toThrow(
    expect.objectContaining({ name: 'RunError', what: `The run directory ${runDir} was removed.` }),
  );
  lock.release();
  expect(tell).not.toHaveBeenCalled();
});
