/** Stale locks are taken over by one process at a time, however many try: real processes, the built code. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROCESSES = 8;
const ROUNDS = 500;

/** Takes the lock from a dead holder, works, and leaves it as a killed process does: with its number, to be taken over. */
const SCRIPT = `
const { mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } = require('node:fs');
const [util, folder, dead, rounds] = process.argv.slice(1);
const { tryLock } = require(util + '/lock-file.js');
const { thisHolder } = require(util + '/lock-holder.js');
const file = folder + '/.lock', inside = folder + '/inside', count = folder + '/count';
const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * Math.random());
for (let done = 0; done < Number(rounds); ) {
  while (tryLock(file, thisHolder()) !== null) pause();
  mkdirSync(inside); // throws where another is in there
  done = Number(readFileSync(count, 'utf8')) + 1;
  if (done <= Number(rounds)) writeFileSync(count, String(done));
  rmdirSync(inside);
  const killed = { ...thisHolder(), pid: Number(dead) };
  writeFileSync(folder + '/' + killed.token, JSON.stringify(killed));
  renameSync(folder + '/' + killed.token, file);
}
`;

test(`${PROCESSES} processes, ${ROUNDS} rounds`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'osc-locks-'));
  writeFileSync(join(folder, 'count'), '0');
  const args = [
    '-e',
    SCRIPT,
    join(__dirname, '../../dist/util'),
    folder,
    String(spawnSync('true').pid),
    String(ROUNDS),
  ];
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
