/** Files of records, and what is in a record. */
import { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Broken } from '../judge.mjs';
import { MOST_BYTES, mutateBytes } from '../mutate.mjs';
import { built } from './built.mjs';
import { mutateMessage } from './wire.mjs';

const { decodeRecord, decodingRecord, parseExample, parseTensor, readRecords, serializeTensor } =
  built('sdk/data/index');
const { inferLayout, sampleOf, frameRecord } = built('sdk/data/internal');
const { countRecords } = built('sdk/data/tfrecord-reader');
const { maskedCrc32c } = built('sdk/data/crc32c');
const { isReportedError } = built('sdk/errors');

/** Of images of 4 by 5 pixels, so that inputs stay small. */
export const LAYOUTS = [
  {
    fields: [
      { name: 'image', type: 'uint8', shape: [4, 5, 3] },
      { name: 'mask', type: 'uint8', shape: [3, 4, 5, 1] },
      { name: 'color', type: 'uint8', shape: [3] },
      { name: 'x', type: 'float32', shape: [3] },
      { name: 'count', type: 'int64', shape: [3] },
    ],
    numBackground: 2,
  },
  { fields: [{ name: 'image', type: 'tensor', shape: [4, 5, 3] }] },
  {
    fields: [
      { name: 'image', type: 'uint8', shape: [4, 5, 1] },
      { name: 'mask', type: 'uint8', shape: [2, 4, 5, 1], axes: [2, 0, 1, 3] },
    ],
  },
];

/** All that osc makes of a record, whichever data set it is of. */
function decode(record) {
  decodingRecord(record, () => {
    const features = parseExample(record.bytes);
    for (const feature of features.values()) {
      const { kind } = feature;
      const values =
        kind === 'float'
          ? feature.floats()
          : kind === 'int64'
            ? feature.int64s()
            : (feature.singleBytes() ?? feature.bytes());
      if (values.length !== feature.count())
        throw new Broken(`count() is ${feature.count()}, and there are ${values.length}`);
    }
    const layout = inferLayout(features, LAYOUTS);
    if (layout === undefined) return;
    const { image, height, width, masks, numMasks } = sampleOf(features, layout.fields);
    if (image.length !== 3 * height * width)
      throw new Broken(`${image.length} values of an image ${height} x ${width}`);
    if (masks && masks.length !== numMasks * height * width)
      throw new Broken(`${masks.length} values of ${numMasks} masks`);
  });
  if (LAYOUTS.every(({ fields }) => !fits(record, fields))) decodeRecord(record, LAYOUTS[0].fields);
}

function fits(record, fields) {
  try {
    decodeRecord(record, fields);
    return true;
  } catch (error) {
    if (isReportedError(error)) return false;
    throw error;
  }
}

const namesFile = (message, { file }) => message.includes(file);

const example = {
  name: 'example',
  mutate: (bytes, random, options) => mutateMessage(bytes, random, options),
  dictionary: [
    'image',
    'mask',
    'color',
    '\x0a\x01',
    '\x0a\x01\x00',
    '\x0a\x00',
    '\x0a',
    '\x12',
    '\x1a',
    '\x0a\x05image',
    '\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01',
  ].map(latin),
  names: namesFile,
  read(bytes, { file }) {
    decode({ file, index: 0, offset: 0, bytes: new Uint8Array(bytes) });
  },
};

const tensor = {
  name: 'tensor-proto',
  mutate: (bytes, random, options) => mutateMessage(bytes, random, options),
  names: namesFile,
  read(bytes, { file }) {
    const read = () => parseTensor(new Uint8Array(bytes));
    const { values, shape } = decodingRecord({ file, index: 0, offset: 0 }, read);
    const again = parseTensor(serializeTensor({ values, shape }));
    if (again.shape.join() !== shape.join() || !Buffer.from(values).equals(again.values))
      throw new Broken('written and read it is another');
  },
};

function latin(text) {
  return Buffer.from(text, 'latin1');
}

/** The data of records, as far as lengths can be followed. */
function framesOf(bytes) {
  const frames = [];
  for (let at = 0; at + 12 <= bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    if (at + 16 + length > bytes.length) break;
    frames.push(bytes.subarray(at + 12, at + 12 + length));
    at += 16 + length;
  }
  return frames;
}

/** Records that are changed inside have checksums that are right, so that they are looked into. */
function mutateRecords(bytes, random, options) {
  const frames = framesOf(bytes);
  if (frames.length === 0 || random.once(4)) return mutateBytes(bytes, random, options);
  const at = random.below(frames.length);
  switch (random.below(6)) {
    case 0:
      frames.splice(at, 1);
      break;
    case 1:
      frames.splice(at, 0, ...Array(random.pick([1, 2, 300])).fill(random.pick(frames)));
      break;
    default:
      frames[at] = mutateMessage(frames[at], random, options);
  }
  const framed = frames.map((frame) => Buffer.from(frameRecord(frame)));
  if (random.once(6) && framed.length > 0) {
    const head = random.pick(framed);
    head.writeBigUInt64LE(
      random.pick([0n, 1n, 2n ** 26n, 2n ** 26n + 1n, 2n ** 32n, 2n ** 53n, 2n ** 64n - 1n, BigInt(random.below(200))]),
      0,
    );
    head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  }
  const out = Buffer.concat(framed).subarray(0, MOST_BYTES);
  return random.once(6) ? mutateBytes(out, random, options) : out;
}

async function readFile(bytes, { file }, unpacked) {
  writeFileSync(file, bytes);
  const skipped = [];
  let lenient = 0;
  for await (const record of readRecords(file, { onBadRecord: (error) => skipped.push(error) })) {
    lenient++;
    if (record.file !== file) throw new Broken('a record is of another file');
  }
  const strict = [];
  for await (const record of readRecords(file)) {
    strict.push(record);
    if (strict.length <= 8) decode(record);
  }
  if (skipped.length > 0) throw new Broken(`read without an error, with ${skipped.length} records skipped`);
  if (lenient !== strict.length || (await countRecords(file)) !== strict.length) throw new Broken('counts differ');
  const whole = Buffer.concat(strict.map((record) => frameRecord(record.bytes)));
  if (!whole.equals(unpacked())) throw new Broken('framed again, the records are not the file');
}

const tfrecord = {
  name: 'tfrecord',
  mutate: mutateRecords,
  dictionary: [latin('\x1f\x8b'), latin('\x78\x9c'), 'version https://git-lfs', 'PK\x03\x04', '<!DOCTYPE html>'],
  names: namesFile,
  read: (bytes, place) =>
    readFile(bytes, place, () => (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes)),
};

const packed = {
  name: 'tfrecord-gzip',
  mutate(bytes, random, options) {
    if (random.once(2)) return mutateBytes(bytes, random, options);
    let unpacked;
    try {
      unpacked = gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
    } catch {
      return mutateBytes(bytes, random, options);
    }
    const out = mutateRecords(unpacked, random, options);
    const at = random.below(out.length + 1);
    const members = random.once(4) ? [out.subarray(0, at), out.subarray(at)] : [out];
    return Buffer.concat(members.map((part) => gzipSync(part, { level: random.pick([0, 1, 9]) })));
  },
  dictionary: [latin('\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03'), latin('\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00')],
  names: namesFile,
  read: (bytes, place) =>
    readFile(bytes, place, () => (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes)),
};

export const targets = [tfrecord, packed, example, tensor];
