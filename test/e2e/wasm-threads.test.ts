/** Threads of the engine wasm, from `dist`, and the end of a process or of a worker thread. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ENGINE = join(__dirname, '../../dist/engine');
const TFJS = require.resolve('@tensorflow/tfjs-core');

const work = (after = ''): string => `
  const tf = require(${JSON.stringify(TFJS)});
  const { chooseEngine } = require(${JSON.stringify(ENGINE)});
  const square = () => tf.tidy(() => tf.square(tf.fill([500, 600], 2)).dataSync());
  const prepare = (threads) => chooseEngine('wasm').prepare({ threads });
  async function main() {
    const info = await prepare(4);
    if (info.threads !== 4) throw new Error('threads');
    for (let i = 0; i < 10; i++) if (!square().every((v) => v === 4)) throw new Error('wrong');
    ${after}
  }
  main();
`;
/** @param onLast what to do once all of them have sent a message */
const inWorkers = (code: string, onLast = ''): string => `
  const { Worker } = require('node:worker_threads');
  let left = 3;
  const count = () => { if (--left === 0) { ${onLast} } };
  for (let i = 0; i < 3; i++) new Worker(${JSON.stringify(code)}, { eval: true }).on('message', count);
`;
const COMPUTE_FOR_EVER = `require('node:worker_threads').parentPort.postMessage('computing'); for (;;) square();`;

test.each([
  ['natural exit', work(), 0],
  ['process.exit', work('process.exit(3);'), 3],
  ['an exception', work('throw new Error("mine");').replace('main();\n', 'main().catch(() => process.exit(4));\n'), 4],
  ['another number of threads', work('for (const n of [2, 1, 3]) { await prepare(n); square(); }'), 0],
  ['natural exit of three workers', inWorkers(work()), 0],
  ['process.exit in three workers', inWorkers(work('process.exit(0);')), 0],
  [
    'process.exit while workers compute',
    inWorkers(work(COMPUTE_FOR_EVER), 'setTimeout(() => process.exit(5), 200);'),
    5,
  ],
])('%s does not hang', (_, code, expected) => {
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', timeout: 30_000 });
  expect({ status, signal, stderr }).toEqual({ status: expected, signal: null, stderr: '' });
});
