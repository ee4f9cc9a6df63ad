// Reads and decodes split files and whole records with the built code, and prints records/s. `npm run build` first.
// Usage: npm run bench:data -- [RECORDS]
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const require = createRequire(import.meta.url);
const sdk = require('../../dist/sdk/data/index.js');
const { crc32c } = require('@node-rs/crc32');

const COUNT = Number(process.argv[2] ?? 400);
const [HEIGHT, WIDTH, ENTITIES] = [240, 320, 11];
const PIXELS = HEIGHT * WIDTH;
const floats = (name) => ({ name, type: 'float32', shape: [ENTITIES] });
const codes = (name) => ({ name, type: 'uint8', shape: [ENTITIES] });
/** Of CLEVR (with masks): its split file for training, and its whole records. */
const FIELDS = {
  train: [{ name: 'image', type: 'tensor', shape: [HEIGHT, WIDTH, 3] }],
  test: [
    { name: 'image', type: 'uint8', shape: [HEIGHT, WIDTH, 3] },
    { name: 'mask', type: 'uint8', shape: [ENTITIES, HEIGHT, WIDTH, 1] },
    ...['visibility', 'x', 'y', 'z', 'rotation'].map(floats),
    { name: 'pixel_coords', type: 'float32', shape: [ENTITIES, 3] },
    ...['size', 'material', 'shape', 'color'].map(codes),
  ],
};

/** A smooth image with sensor noise, so that it packs about as well as the published ones, and ten disks as masks. */
function scene(index) {
  let state = (index + 1) * 2654435761;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const image = new Uint8Array(PIXELS * 3);
  for (let i = 0; i < image.length; i++) image[i] = 90 + ((i / 3 / WIDTH) | 0) / 4 + random() * 6;
  const masks = new Uint8Array(PIXELS * ENTITIES);
  masks.fill(255, 0, PIXELS);
  for (let k = 1; k < ENTITIES; k++) {
    const [cx, cy, r] = [random() * WIDTH, random() * HEIGHT, 10 + random() * 25];
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        if ((x - cx) ** 2 + (y - cy) ** 2 < r * r) masks[k * PIXELS + y * WIDTH + x] = 255;
      }
    }
  }
  const attributes = {};
  for (const { name, type, shape } of FIELDS.test) {
    if (name === 'image' || name === 'mask') continue;
    const size = shape.reduce((a, b) => a * b, 1);
    attributes[name] = { shape, values: type === 'uint8' ? new Uint8Array(size) : new Float32Array(size) };
  }
  return { image, height: HEIGHT, width: WIDTH, masks, numMasks: ENTITIES, attributes };
}

async function measure(label, count, work) {
  await work(Math.min(20, count)); // warm up
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work(count);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  const perSecond = (s) => `${(count / s).toFixed(0)}`.padStart(6);
  console.log(`${label.padEnd(46)} ${perSecond(seconds)} records/s, ${perSecond(cpuSeconds)} per second of CPU`);
}

async function write(file, count, options, encode) {
  const writer = await sdk.RecordWriter.create(file, { overwrite: true, ...options });
  for (let i = 0; i < count; i++) await writer.write(encode(i));
  await writer.close();
}

async function read(file, split, count) {
  for await (const record of sdk.readRecords(file)) {
    if (split) sdk.decodeSample(record, FIELDS[split]);
    if (record.index + 1 === count) break;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'osc-bench-'));
try {
  console.log(`${cpus()[0].model}, node ${process.version}, ${COUNT} records of ${HEIGHT}×${WIDTH}`);
  const scenes = Array.from({ length: 8 }, (_, i) => scene(i));
  const whole = Math.ceil(COUNT / 4);
  const imageRecord = (i) => sdk.encodeImageRecord(scenes[i % 8].image, HEIGHT, WIDTH);
  const sceneRecord = (i) => sdk.encodeSceneRecord(scenes[i % 8]);
  const images = join(folder, 'images.tfrecords');
  const records = join(folder, 'scenes.tfrecords');
  await measure('write split file, GZIP', COUNT, (n) => write(images, n, {}, imageRecord));
  await measure('write whole records, GZIP', whole, (n) => write(records, n, {}, sceneRecord));
  await measure('split file, GZIP: read', COUNT, (n) => read(images, undefined, n));
  await measure('split file, GZIP: read and decode', COUNT, (n) => read(images, 'train', n));
  await measure('whole records, GZIP: read', whole, (n) => read(records, undefined, n));
  await measure('whole records, GZIP: read and decode', whole, (n) => read(records, 'test', n));
  await write(records, whole, { compression: 'none' }, sceneRecord);
  await measure('whole records, not packed: read and decode', whole, (n) => read(records, 'test', n));
  const record = sceneRecord(0);
  await measure('whole record in memory: decode', whole, (n) => {
    for (let i = 0; i < n; i++) sdk.decodeSample({ bytes: record, file: 'memory', index: i, offset: 0 }, FIELDS.test);
  });
  await measure('whole record in memory: encode', whole, (n) => {
    for (let i = 0; i < n; i++) sceneRecord(i);
  });
  await measure(`checksum of ${(record.length / 1e6).toFixed(1)} MB`, whole, (n) => {
    for (let i = 0; i < n; i++) crc32c(record);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
