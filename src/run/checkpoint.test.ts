import { mkdirSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { RunError } from '../sdk';
import {
  listCheckpoints,
  finishEpochEnd,
  newestCheckpoint,
  pruneCheckpoints,
  saveCheckpoint,
  type Checkpoint,
} from './checkpoint';

const checkpoint = (step: number, epoch = 0): Checkpoint => ({
  position: { step, epoch, batch: step },
  lossSums: { l_global: 0.1 + 0.2 },
  lossWeights: { l_global: 1 },
  pendingEpochEnd: null,
  stopReason: null,
  losses: new Map(),
  callbacks: { values: {}, tensors: new Map() },
  history: [{ epoch: 0, train: { l_global: 1 }, val: { l_global: 2 } }],
  model: new Map([['w', { shape: [2], data: Float32Array.of(step, 0.1) }]]),
  optimizer: new Map([['step', { shape: [], data: Float32Array.of(step) }]]),
});

let folder: string;
let warnings: string[];
const logger = { error: jest.fn(), info: jest.fn(), debug: jest.fn(), warn: (text: string) => warnings.push(text) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-checkpoint-'));
  warnings = [];
});

test('what was saved is read back, to the bit', async () => {
  const saved = await saveCheckpoint(folder, checkpoint(3));
  expect(await newestCheckpoint(folder, logger)).toEqual({ folder: saved, ...checkpoint(3) });
  expect(warnings).toEqual([]);
});

test('the newest is the one with most steps, then most epochs', async () => {
  for (const [step, epoch] of [
    [2, 0],
    [10, 0],
    [10, 1],
    [9, 3],
  ] as const) {
    await saveCheckpoint(folder, checkpoint(step, epoch));
  }
  expect((await listCheckpoints(folder)).map((path) => basename(path))).toEqual([
    'epoch-0001_step-00000010',
    'epoch-0000_step-00000010',
    'epoch-0003_step-00000009',
    'epoch-0000_step-00000002',
  ]);
});

describe.each(['model.safetensors', 'optimizer.safetensors', 'state.json'])('a broken %s', (file) => {
  const damages: [string, (path: string) => void][] = [
    [
      'truncated',
      (path) => {
        truncateSync(path, readFileSync(path).length - 3);
      },
    ],
    [
      'empty',
      (path) => {
        truncateSync(path, 0);
      },
    ],
  ];
  for (const at of [0.1, 0.5, 0.9]) {
    damages.push([
      `bit flipped at ${at}`,
      (path) => {
        const bytes = readFileSync(path);
        const index = Math.floor(bytes.length * at);
        bytes[index] = bytes[index]! ^ 4;
        writeFileSync(path, bytes);
      },
    ]);
  }

  test.each(damages)('%s: the checkpoint before is used, with a warning', async (_, damage) => {
    await saveCheckpoint(folder, checkpoint(1));
    damage(join(await saveCheckpoint(folder, checkpoint(2)), file));
    expect(await newestCheckpoint(folder, logger)).toMatchObject(checkpoint(1));
    expect(warnings).toEqual([expect.stringMatching(/step-00000002 is broken and not used: /)]);
  });
});

test('a broken newest one does not push out good ones', async () => {
  await saveCheckpoint(folder, checkpoint(1));
  truncateSync(join(await saveCheckpoint(folder, checkpoint(9)), 'model.safetensors'), 3);
  await newestCheckpoint(folder, logger);
  await saveCheckpoint(folder, checkpoint(2));
  await pruneCheckpoints(folder, 1);
  expect(await newestCheckpoint(folder, logger)).toMatchObject(checkpoint(2));
  expect(readdirSync(folder).filter((name) => name.startsWith('.broken-'))).toHaveLength(1);
});

test('pending tests and figures are noted, and that they are done', async () => {
  const pendingEpochEnd = { epoch: 3, metrics: { 'l_global/val': 2, 'l_global/odd': NaN } };
  const saved = await saveCheckpoint(folder, { ...checkpoint(1), pendingEpochEnd });
  expect((await newestCheckpoint(folder, logger)).pendingEpochEnd).toEqual(pendingEpochEnd);
  await finishEpochEnd(saved, checkpoint(1));
  expect(await newestCheckpoint(folder, logger)).toEqual({ folder: saved, ...checkpoint(1) });
});

test('what could not be read back is not written', async () => {
  await expect(saveCheckpoint(folder, { ...checkpoint(1), lossSums: { l_global: NaN } })).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
});

test('all broken, or none there: a RunError', async () => {
  await expect(newestCheckpoint(folder, logger)).rejects.toThrow(RunError);
  truncateSync(join(await saveCheckpoint(folder, checkpoint(1)), 'state.json'), 5);
  await expect(newestCheckpoint(folder, logger)).rejects.toThrow(/All 1 are broken/);
});

test('pruning keeps the newest, and clears what a killed process left', async () => {
  for (const step of [1, 2, 3]) await saveCheckpoint(folder, checkpoint(step));
  mkdirSync(join(folder, '.tmp-123-epoch-0000_step-00000004'));
  await pruneCheckpoints(folder, null);
  expect(readdirSync(folder)).toHaveLength(3);
  await pruneCheckpoints(folder, 2);
  expect(readdirSync(folder).sort()).toEqual(['epoch-0000_step-00000002', 'epoch-0000_step-00000003']);
  await pruneCheckpoints(folder, 0);
  expect(readdirSync(folder)).toEqual(['epoch-0000_step-00000003']);
});
