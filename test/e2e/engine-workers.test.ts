/** Our engines in several worker threads at once: each trains a model of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

jest.setTimeout(120_000);

const PROGRAM = join(__dirname, 'engines/workers.mjs');

function run(engine: string, how: string) {
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [PROGRAM, engine, how], {
    encoding: 'utf8',
    timeout: 100_000,
  });
  return { stdout, stderr, status, signal };
}

describe.each(['native', 'wasm'])('%s', (engine) => {
  test('three workers and the main thread at once get the bytes that the main thread got alone, and end', () => {
    const stdout = `${JSON.stringify({ trainings: 5, models: 1 })}\n`;
    expect(run(engine, 'compare')).toEqual({ stdout, stderr: '', status: 0, signal: null });
  });

  test.each([
    ['process.exit while workers train', 'exit', 5],
    ['process.exit in workers that train', 'workers-exit', 0],
  ])('%s does not hang', (_, how, status) => {
    expect(run(engine, how)).toEqual({ stdout: '', stderr: '', status, signal: null });
  });
});
