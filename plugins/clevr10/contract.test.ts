import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SplitName } from 'osc-trainer/sdk';
import { encodeImageRecord, encodeSceneRecord, RecordWriter } from 'osc-trainer/sdk/data';
import { testComponent } from 'osc-trainer/sdk/testing';
import { Clevr10 } from './clevr10';
import { FOLDER, splitFile } from './records';

const root = mkdtempSync(join(tmpdir(), 'osc-clevr10-contract-'));
const [height, width, numMasks] = [240, 320, 11];

beforeAll(async () => {
  for (const split of ['train', 'val', 'test'] as SplitName[]) {
    const writer = await RecordWriter.create(join(root, FOLDER, splitFile(split)));
    for (const value of [1, 2, 3]) await writer.write(record(split, value));
    await writer.close();
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function record(split: SplitName, value: number): Uint8Array {
  const image = new Uint8Array(height * width * 3).fill(value);
  if (split !== 'test') return encodeImageRecord(image, height, width);
  const bytes = { values: new Uint8Array(numMasks), shape: [numMasks] };
  const floats = { values: new Float32Array(numMasks), shape: [numMasks] };
  const coordinates = { values: new Float32Array(3 * numMasks), shape: [numMasks, 3] };
  return encodeSceneRecord({
    image,
    height,
    width,
    masks: new Uint8Array(numMasks * height * width),
    numMasks,
    attributes: {
      ...{ visibility: floats, x: floats, y: floats, z: floats, rotation: floats, pixel_coords: coordinates },
      ...{ size: bytes, material: bytes, shape: bytes, color: bytes },
    },
  });
}

testComponent(Clevr10, { options: { root } });
