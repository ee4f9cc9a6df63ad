import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareData, readSample } from '.';

let cwd: string;
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'osc-prepare-data-')));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

/** A third party's data set of images of 2 by 3 pixels, which makes its own files. */
const MAIN = `
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { component, OPTIONS, z } = require('osc-trainer/sdk');
const { RecordWriter, encodeExample } = require('osc-trainer/sdk/data');

class Tiny {
  static layouts = [{ fields: [{ name: 'image', type: 'uint8', shape: [2, 3, 3] }] }];

  constructor({ root }) {
    this.root = root;
  }

  async prepareFiles({ train, overwrite }) {
    const file = join(this.root, 'tiny.tfrecords');
    const writer = await RecordWriter.create(file, { overwrite });
    const image = { kind: 'singleBytes', values: new Uint8Array(18).fill(train) };
    await writer.write(encodeExample({ image }));
    await writer.close();
    return [{ split: 'train', file, records: 1, bytes: 18 }];
  }
}
component(
  { kind: 'dataset', name: 'tiny', summary: 'Tiny images', options: z.strictObject({ root: z.string().default('.').describe('folder') }) },
  [OPTIONS],
)(Tiny);
exports.Tiny = Tiny;
`;

function writePlugin(): string {
  const folder = join(cwd, 'plugin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'main.js'), MAIN);
  const components = [{ kind: 'dataset', name: 'tiny', summary: 'Tiny images' }];
  const oscPlugin = { apiVersion: 1, main: './main.js', components };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'osc-plugin-tiny', version: '1.0.0', oscPlugin }));
  return folder;
}

test('a third party’s data set makes its files, and they are read by the layout that it declares', async () => {
  const plugins = [writePlugin()];
  const made = await prepareData({ cwd, plugins, dataset: 'tiny', root: cwd, train: 7 });
  const file = join(cwd, 'tiny.tfrecords');
  expect(made).toEqual([{ split: 'train', file, records: 1, bytes: 18 }]);
  const sample = await readSample({ cwd, plugins, file, index: 0 });
  expect([sample.height, sample.width, sample.image[0]]).toEqual([2, 3, 7]);
  await expect(readSample({ cwd, file, index: 0 })).rejects.toThrow('cannot be shown');
});

test('which is meant has to be said as soon as there are two', async () => {
  await expect(prepareData({ cwd, plugins: [writePlugin()], root: cwd })).rejects.toMatchObject({
    name: 'UsageError',
    hints: ['--dataset CLEVR10', '--dataset tiny'],
  });
  await expect(prepareData({ cwd, root: cwd })).rejects.toThrow('published CLEVR file');
});
