import { Buffer } from 'node:buffer';
import { Broken } from '../judge.mjs';
import { mutateBytes, mutateJsonText } from '../mutate.mjs';
import { built } from './built.mjs';

const { decodeSafetensors, encodeSafetensors } = built('sdk/index');

const DICTIONARY = [
  '"F32"',
  '"I32"',
  '"F16"',
  '"BF16"',
  '"F8_E8M0"',
  '"U8"',
  '"BOOL"',
  '"__metadata__":{',
  '"dtype":',
  '"shape":[',
  '"data_offsets":[0,0]',
  '[0,8]',
  '{}',
  'null',
  '1e3',
  '-1',
  '9007199254740993',
  '\ud800',
  '\\ud800',
  '\ufeff',
  '"a":',
];

/** A header that is changed has its length before it, and mostly as many bytes behind it as it speaks of. */
function mutateHeader(bytes, random, options) {
  const length = bytes.length < 8 ? Infinity : Number(bytes.readBigUInt64LE(0));
  if (8 + length > bytes.length || random.once(6)) return mutateBytes(bytes, random, options);
  const header = mutateJsonText(bytes.subarray(8, 8 + length), random, options);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(header.length) + (random.once(8) ? BigInt(random.below(3) - 1) : 0n));
  let data = bytes.subarray(8 + length);
  if (random.once(3)) {
    const ends = [...header.toString().matchAll(/,(\d{1,5})\]/g)].map(([, end]) => Number(end));
    data = Buffer.alloc(Math.max(0, ...ends), 1);
  }
  return Buffer.concat([head, header, data]);
}

export const targets = [
  {
    name: 'safetensors',
    mutate: mutateHeader,
    dictionary: DICTIONARY,
    names: (message, { file }) => message.includes(file),
    read(bytes, { file }) {
      const tensors = decodeSafetensors(bytes, file);
      const again = decodeSafetensors(encodeSafetensors(tensors), file);
      for (const [name, { shape, data }] of tensors) {
        const other = again.get(name);
        const same =
          other &&
          other.shape.join() === shape.join() &&
          Buffer.from(data.buffer).equals(Buffer.from(other.data.buffer));
        if (!same) throw new Broken(`written and read, ${name} is another`);
      }
    },
  },
];
