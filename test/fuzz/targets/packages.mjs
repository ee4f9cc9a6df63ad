/** What lies beside others' files: manifests of plugins, which are read to list them, and counts of records. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Broken } from '../judge.mjs';
import { mutateJsonText } from '../mutate.mjs';
import { built } from './built.mjs';

const { findInstalled, resolvePlugin } = built('registry/discovery');
const { knownRecordCount } = built('sdk/data/record-count');
const { packageTypeOf } = built('registry/plugin-package');

const json = (bytes, random, options) => mutateJsonText(bytes, random, options);

const manifest = {
  name: 'manifest',
  mutate: json,
  dictionary: [
    '"oscPlugin":',
    '"apiVersion":2',
    '"main":"../x"',
    '"components":[',
    '"kind":"engine"',
    '"keywords":["osc-plugin"]',
    '"aliases":',
    'null',
    '"\\u0000"',
    '"__proto__":',
  ],
  names: (message, { folder }) =>
    message.includes(join(folder, 'node_modules/osc-plugin-x')) ||
    /The plugin .* was made for another version/.test(message),
  read(bytes, { folder }) {
    const dir = join(folder, 'node_modules/osc-plugin-x');
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'package.json'), bytes);
    const { plugins, broken } = findInstalled(folder);
    if (plugins.length + broken.length !== 1)
      throw new Broken(`${plugins.length} plugins and ${broken.length} broken ones`);
    packageTypeOfIfJson(join(dir, 'index.js'), dir);
    resolvePlugin('./node_modules/osc-plugin-x', folder);
    if (broken.length > 0) throw new Broken(`listed as broken (${broken[0].problem}), and opened`);
  },
};

function packageTypeOfIfJson(file, dir) {
  try {
    packageTypeOf(file, dir);
  } catch (error) {
    if (error?.name !== 'UsageError') throw error;
  }
}

/** A note with the checksum of itself. */
export function sealedNote(bytes) {
  try {
    const note = JSON.parse(bytes.toString());
    const { records, atLeast, bytes: size, tail } = note;
    const sha256 = createHash('sha256').update(JSON.stringify([records, atLeast, size, tail]));
    return Buffer.from(JSON.stringify({ ...note, sha256: sha256.digest('hex') }));
  } catch {
    return bytes;
  }
}

const DATA = readFileSync(join(import.meta.dirname, '../corpus/tfrecord/valid'));
const VALID = sealedNote(
  Buffer.from(JSON.stringify({ records: 3, bytes: DATA.length, tail: DATA.subarray(-8).toString('hex') })),
);

const count = {
  name: 'record-count',
  mutate: (bytes, random, options) => sealedNote(mutateJsonText(bytes, random, options)),
  dictionary: ['"records":', '"bytes":', '"tail":', '"atLeast":true', '-1', '1.5', '1e300', 'null'],
  names: () => false, // a note that is no good is no error
  async read(bytes, { folder }) {
    const file = join(folder, 'x.tfrecords');
    writeFileSync(file, DATA);
    writeFileSync(join(folder, '.x.tfrecords.count.json'), bytes);
    const known = await knownRecordCount(file);
    if (bytes.equals(VALID) && known !== 3) throw new Broken('the valid note is not taken');
    if (known !== undefined && !(Number.isSafeInteger(known) && known >= 0)) throw new Broken(`${known} records`);
  },
};

export const targets = [manifest, count];
