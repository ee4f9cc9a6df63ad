// Runs the built data pipeline in a process of its own, as the trainer does, and prints what came of it as JSON.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const { Registry } = require('../../../dist/registry');
const { openBatches } = require('../../../dist/data');

const { action = 'epoch', epoch = 0, fromBatch = 0, stripes = {}, ...options } = JSON.parse(process.argv[2]);
const log = [];
const write = (level) => (message, meta) => log.push({ level, message, ...meta });
const source = await openBatches({
  dataset: { name: 'stripes', options: stripes },
  registry: await Registry.open({ plugins: [join(here, 'osc-plugin-stripes')], from: here }),
  split: 'train',
  batchSize: 4,
  dropRemainder: true,
  cropSize: [16, 16],
  crops: 'augmented',
  cropScale: [0.3, 1],
  normalize: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
  seed: 7,
  shuffle: true,
  maxSamples: null,
  onBadRecord: 'error',
  logger: { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') },
  ...options,
});

const actions = {
  /** All batches of an epoch, by checksum. */
  async epoch() {
    const batches = [];
    for await (const { images, indices } of source.epoch(epoch, fromBatch))
      batches.push({ indices: [...indices], sha256: createHash('sha256').update(images).digest('hex') });
    return { batches, skipped: source.skipped };
  },
  /** Closes the source while the next batch is waited for. */
  async close() {
    const running = source.epoch(epoch);
    await running.next();
    const next = running.next().then(
      () => 'a batch',
      (error) => error.message,
    );
    await source.close();
    return { next: await next };
  },
  /** Breaks off with batches in the making, and goes on. */
  async stop() {
    for await (const batch of source.epoch(epoch)) if (batch.size > 0) break;
    return actions.epoch();
  },
  /** Two batches with a long computation between them, as a training step on the CPU is one. */
  async block() {
    const batches = source.epoch(epoch);
    await batches.next();
    const from = Date.now();
    let to = from;
    while (to - from < 2000) to = Date.now();
    await batches.next();
    return { from, to };
  },
  /** Resident memory after a third of the batches and at the end. */
  async memory() {
    const sizes = [];
    for await (const batch of source.epoch(epoch)) if (batch.size > 0) sizes.push(process.memoryUsage.rss());
    return { early: sizes[Math.floor(sizes.length / 3)], late: sizes.at(-1) };
  },
};

let result;
try {
  result = await actions[action]();
} catch (error) {
  result = { error: { name: error.name, message: error.message, try: error.hints, stack: error.stack } };
}
await source.close();
console.log(JSON.stringify({ ...result, log }));
