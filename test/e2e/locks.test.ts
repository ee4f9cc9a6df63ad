/** Stale locks are taken over by one process at a time, however many try: real processes, the built code. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROCESSES = 8;
const ROUNDS = 500;

const SCRIPT = join(__dirname, 'fixtures/take-turns.cjs');

test(`${PROCESSES} processes, ${ROUNDS} rounds`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'osc-locks-'));
  writeFileSync(join(folder, 'count'), '0');
  const args = [SCRIPT, join(__dirname, '../../dist/util'), folder, String(spawnSync('true').pid), String(ROUNDS)];
  const ends = Array.from({ length: PROCESSES }, async () => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stderr };
  });
  for (const end of await Promise.all(ends)) expect(end).toEqual({ code: 0, stderr: '' });
  expect(readFileSync(join(folder, 'count'), 'utf8')).toBe(String(ROUNDS));
  expect(readdirSync(folder).sort()).toEqual(['.lock', 'count']);
}, 120_000);
