/** Ways in which a file on disk is no longer what was written. */
import { Buffer } from 'node:buffer';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Each takes the file's bytes and gives those that are found instead. */
const OF_BYTES = {
  'with a flipped bit'(bytes, draws) {
    bytes[draws.integer(0, bytes.length - 1)] ^= 1 << draws.integer(0, 7);
    return bytes;
  },
  'with many flipped bits'(bytes, draws) {
    for (let i = 0; i < 50; i++) bytes[draws.integer(0, bytes.length - 1)] ^= 1 << draws.integer(0, 7);
    return bytes;
  },
  truncated: (bytes, draws) => bytes.subarray(0, draws.integer(0, bytes.length - 1)),
  empty: () => Buffer.alloc(0),
  'with zeros'(bytes, draws) {
    const start = draws.integer(0, bytes.length - 1);
    return bytes.fill(0, start, Math.min(bytes.length, start + draws.integer(1, 4096)));
  },
  'with bytes of something else'(bytes, draws) {
    const start = draws.integer(0, bytes.length - 1);
    const end = Math.min(bytes.length, start + draws.integer(1, 64));
    for (let i = start; i < end; i++) bytes[i] = draws.integer(0, 255);
    return bytes;
  },
  'with more at its end': (bytes, draws) =>
    Buffer.concat([bytes, Buffer.from('\0{"x": [1,\n'.slice(draws.integer(0, 5)))]),
  'twice in a row': (bytes) => Buffer.concat([bytes, bytes]),
  'as JSON of something else': () => Buffer.from('{"a":[]}\n'),
};

/** All files below a folder, as paths. */
export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/**
 * Damages a file.
 *
 * @returns what was done, in words, and what undoes it
 */
export function damage(file, draws) {
  const bytes = readFileSync(file);
  const repair = () => {
    rmSync(file, { recursive: true, force: true });
    writeFileSync(file, bytes);
  };
  const how = draws.pick(['deleted', 'a folder', ...Object.keys(OF_BYTES), ...Object.keys(OF_BYTES)]);
  if (how === 'deleted' || how === 'a folder') {
    rmSync(file);
    if (how === 'a folder') mkdirSync(file);
    return { how, repair };
  }
  writeFileSync(file, bytes.length === 0 ? Buffer.from('x') : OF_BYTES[how](Buffer.from(bytes), draws));
  return { how, repair };
}
