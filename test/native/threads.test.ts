/** Threads of the addon and the end of a process or a worker thread. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ADDON = join(__dirname, '../../.native', `osc-${process.platform}-${process.arch}.node`);
const WORK = `
  const addon = require(${JSON.stringify(ADDON)});
  addon.init(4, addon.instructionSets()[0]);
  const [x, y] = [new Float32Array(1e6).fill(2), new Float32Array(1e6)];
  for (let i = 0; i < 20; i++) addon.unary(7, 0, 1e6, x, y);
  if (!y.every((v) => v === 4)) throw new Error('wrong');
`;
const inWorkers = (code: string): string => `
  const { Worker } = require('node:worker_threads');
  let left = 4;
  for (let i = 0; i < 4; i++) new Worker(${JSON.stringify(code)}, { eval: true }).on('exit', () => --left || console.log('done'));
`;

test.each([
  ['natural exit', WORK, 0],
  ['process.exit', `${WORK} process.exit(3);`, 3],
  ['natural exit of four workers', inWorkers(WORK), 0],
  ['process.exit in four workers', inWorkers(`${WORK} process.exit(0);`), 0],
  [
    'process.exit while workers compute',
    `${inWorkers(`${WORK} for (;;) addon.unary(7, 0, 1e6, x, y);`)} setTimeout(() => process.exit(5), 300);`,
    5,
  ],
])('%s does not hang', (_, code, expected) => {
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', timeout: 20_000 });
  expect({ status, signal, stderr }).toEqual({ status: expected, signal: null, stderr: '' });
});
