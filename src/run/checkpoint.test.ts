import { mkdirSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { RunError } from '../sdk';
import { finishEpochEnd, readCheckpointWeights, saveCheckpoint } from './checkpoint';
import { listCheckpoints, newestCheckpoint, pruneCheckpoints } from './checkpoint-list';
import type { Checkpoint } from './checkpoint-state';

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

/** With tensors of callbacks and of losses, and values. */
const full = (step: number): Checkpoint => ({
  ...checkpoint(step),
  losses: new Map([['losses.l_mine.w', { shape: [1], data: Float32Array.of(step) }]]),
  callbacks: {
    values: { mine: { count: step, list: [1, null] } },
    tensors: new Map([['mine/weights.w', { shape: [2], data: Float32Array.of(-step, 0.3) }]]),
  },
});

test('so are parameters of losses and states of callbacks', async () => {
  const saved = await saveCheckpoint(folder, full(3));
  expect(await newestCheckpoint(folder, logger)).toEqual({ folder: saved, ...full(3) });
});

describe('the end of an epoch changes the states of callbacks', () => {
  const pending = (step: number): Checkpoint => ({ ...full(step), pendingEpochEnd: { epoch: 0, metrics: {} } });
  const callbackFiles = (saved: string): string[] => readdirSync(saved).filter((name) => name.startsWith('callbacks'));

  test('again and again: the last ones are read, and one file of tensors is left', async () => {
    const saved = await saveCheckpoint(folder, pending(1));
    for (const [step, file] of [
      [5, 'callbacks-2.safetensors'],
      [6, 'callbacks.safetensors'],
    ] as const) {
      await finishEpochEnd(saved, full(step));
      expect((await newestCheckpoint(folder, logger)).callbacks).toEqual(full(step).callbacks);
      expect(callbackFiles(saved)).toEqual([file]);
    }
    await finishEpochEnd(saved, checkpoint(7));
    expect((await newestCheckpoint(folder, logger)).callbacks).toEqual(checkpoint(7).callbacks);
    expect(callbackFiles(saved)).toEqual([]);
  });

  test('killed before the state names the new tensors: the old state counts, and what was begun is written anew', async () => {
    const saved = await saveCheckpoint(folder, pending(1));
    writeFileSync(join(saved, 'callbacks-2.safetensors'), 'half of it');
    expect(await newestCheckpoint(folder, logger)).toEqual({ folder: saved, ...pending(1) });
    await finishEpochEnd(saved, full(2));
    expect((await newestCheckpoint(folder, logger)).callbacks).toEqual(full(2).callbacks);
  });

  test('with a validation that was asked for only then', async () => {
    const saved = await saveCheckpoint(folder, pending(1));
    const history = [{ epoch: 0, train: { l_global: 1 }, val: { l_global: 7 } }];
    await finishEpochEnd(saved, { ...full(1), history, stopReason: 'enough', lossWeights: { l_global: 0.5 } });
    const read = await newestCheckpoint(folder, logger);
    expect(read).toMatchObject({
      history,
      stopReason: 'enough',
      lossWeights: { l_global: 0.5 },
      pendingEpochEnd: null,
    });
  });
});

test('weights of a callback are read by its name, and a damaged file of them is told of', async () => {
  const saved = await saveCheckpoint(folder, full(3));
  const { model, weights } = await readCheckpointWeights(saved, 'mine');
  expect([weights, [...model]]).toEqual(['mine', [['w', { shape: [2], data: Float32Array.of(-3, 0.3) }]]]);
  truncateSync(join(saved, 'callbacks.safetensors'), 9);
  await expect(readCheckpointWeights(saved, 'mine')).rejects.toThrow(
    'callbacks.safetensors does not match its checksum.',
  );
  expect((await readCheckpointWeights(saved)).weights).toBeNull();
});

test('a checkpoint by a name of its own replaces the one before, and is none to resume from', async () => {
  await saveCheckpoint(folder, checkpoint(1));
  for (const step of [2, 3]) await saveCheckpoint(folder, checkpoint(step), 'best');
  expect(readdirSync(folder).sort()).toEqual(['best', 'epoch-0000_step-00000001']);
  expect((await readCheckpointWeights(join(folder, 'best'))).position.step).toBe(3);
  expect((await newestCheckpoint(folder, logger)).position.step).toBe(1);
  await pruneCheckpoints(folder, 1);
  expect(readdirSync(folder).sort()).toEqual(['best', 'epoch-0000_step-00000001']);
});

describe.each([
  'model.safetensors',
  'optimizer.safetensors',
  'losses.safetensors',
  'callbacks.safetensors',
  'state.json',
])('a broken %s', (file) => {
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
    await saveCheckpoint(folder, full(1));
    damage(join(await saveCheckpoint(folder, full(2)), file));
    expect(await newestCheckpoint(folder, logger)).toMatchObject(full(1));
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

test('who goes on with a run clears what a killed process left half-written', async () => {
  const saved = await saveCheckpoint(folder, checkpoint(1));
  // of a named checkpoint, which is written when no other may come after it
  for (const name of ['.tmp-123-best', '.tmp-123-best-old']) mkdirSync(join(folder, name));
  expect((await newestCheckpoint(folder, logger)).folder).toBe(saved);
  expect(readdirSync(folder)).toEqual([basename(saved)]);
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
