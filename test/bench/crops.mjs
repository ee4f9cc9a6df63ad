// Crops/s of the augmentation alone, with decoding, and of the whole pipeline. `npm run build` first.
// Usage: npm run bench:crops -- [RECORDS]
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const require = createRequire(import.meta.url);
const sdk = require('../../dist/sdk');
const { CropMaker } = require('../../dist/data/crop-maker');
const { openBatches } = require('../../dist/data');
const { Registry } = require('../../dist/registry');

const COUNT = Number(process.argv[2] ?? 512);
const [HEIGHT, WIDTH] = [240, 320];
/** Of a record of an image alone. */
const FIELDS = [{ name: 'image', type: 'tensor', shape: [HEIGHT, WIDTH, 3] }];
const CROPS = {
  cropSize: [128, 128],
  crops: 'augmented',
  cropScale: [0.3, 1],
  normalize: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  seed: 1,
};
const logger = { error: console.error, warn: console.error, info() {}, debug() {} };

/** A grey ground with shaded disks in colour, and some sensor noise. */
function scene(index) {
  const random = new sdk.RandomSource(index).stream('scene');
  const image = new Uint8Array(HEIGHT * WIDTH * 3);
  const disks = Array.from({ length: 6 }, () => ({
    x: random.uniform() * WIDTH,
    y: random.uniform() * HEIGHT,
    r: 10 + 25 * random.uniform(),
    rgb: [random.uniform(), random.uniform(), random.uniform()],
  }));
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const disk = disks.find((one) => (one.x - x) ** 2 + (one.y - y) ** 2 < one.r ** 2);
      const light = disk ? 0.6 + (0.4 * (disk.y - y)) / disk.r : 0.4 + y / 1000;
      for (let c = 0; c < 3; c++)
        image[(y * WIDTH + x) * 3 + c] = 255 * light * (disk ? disk.rgb[c] : 1) + 3 * random.uniform();
    }
  return image;
}

async function measure(label, crops, work) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const rate = (time) => `${(crops / time).toFixed(0)}`.padStart(6);
  console.log(`${label.padEnd(52)} ${rate(seconds)} crops/s, ${rate((user + system) / 1e6)} per second of CPU`);
}

/** In one thread; what a core does. */
async function makeCrops(label, decode, bytes) {
  const maker = new CropMaker({ decode }, 'train', CROPS);
  const memory = new SharedArrayBuffer(2 * 3 * 128 * 128 * 4);
  const work = (epoch) => async () => {
    for (let index = 0; index < COUNT; index++) {
      const record = { bytes: bytes[index % bytes.length], file: 'memory', index, offset: 0 };
      maker.make({ record, index, epoch, memory, batchSize: 1, place: 0 });
    }
  };
  await work(0)(); // warm up
  await measure(label, 2 * COUNT, work(1));
}

/** All of an epoch through `openBatches`; the first epoch starts the workers and is not measured. */
async function pipeline(root, numWorkers) {
  const source = await openBatches({
    ...CROPS,
    dataset: { name: 'CLEVR10', options: { root } },
    registry: await Registry.open({ plugins: [], from: root }),
    split: 'train',
    batchSize: 64,
    dropRemainder: true,
    shuffle: true,
    numWorkers,
    maxSamples: null,
    onBadRecord: 'error',
    logger,
  });
  const epoch = (number) => async () => {
    let images = 0;
    for await (const { size } of source.epoch(number)) images += size;
    return images;
  };
  const images = await epoch(0)();
  await measure(`CLEVR10 file to batches of 64, num_workers=${numWorkers}`, 2 * images, epoch(1));
  await source.close();
}

console.log(
  `${cpus()[0].model}, ${cpus().length} cores, node ${process.version}, ${COUNT} images of ${HEIGHT}×${WIDTH}`,
);
const scenes = Array.from({ length: 16 }, (_, i) => scene(i));
const random = new sdk.RandomSource(0).stream('noise');
const noise = Array.from({ length: 4 }, () => Uint8Array.from(scenes[0], () => random.integer(256)));
const decoded = ({ bytes }) => ({ image: bytes, height: HEIGHT, width: WIDTH });
await makeCrops('augmentation of scenes, one thread', decoded, scenes);
await makeCrops('augmentation of white noise (the worst case)', decoded, noise);
const records = scenes.map((image) => sdk.encodeImageRecord(image, HEIGHT, WIDTH));
await makeCrops('with decoding of the record, one thread', (record) => sdk.decodeSample(record, FIELDS), records);

const root = mkdtempSync(join(tmpdir(), 'osc-bench-'));
try {
  const folder = join(root, 'clevr_with_masks');
  mkdirSync(folder);
  for (const split of ['train', 'val', 'test']) {
    const writer = await sdk.RecordWriter.create(join(folder, `imgs_${split}.tfrecords`));
    for (let i = 0; i < COUNT; i++) await writer.write(records[i % records.length]);
    await writer.close();
  }
  for (const numWorkers of [0, 1, 2]) await pipeline(root, numWorkers);
} finally {
  rmSync(root, { recursive: true, force: true });
}
