import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTraining, lockRun } from './lock';

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

test('whether somebody trains is told at once: of another machine by the time of its lock', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'osc-lock-'));
  const file = join(runDir, '.lock');
  expect(isTraining(runDir)).toBe(false);
  const lock = await lockRun(runDir, jest.fn());
  expect(isTraining(runDir)).toBe(true);
  lock.release();
  writeFileSync(file, '{"host":"elsewhere","pid":1,"system":"another","started":"1","token":"x"}');
  expect(isTraining(runDir)).toBe(true);
  const longAgo = Date.now() / 1000 - 3600;
  utimesSync(file, longAgo, longAgo);
  expect(isTraining(runDir)).toBe(false);
  rmSync(file);
  mkdirSync(file);
  expect(isTraining(runDir)).toBe(false);
});
