import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { saveCheckpoint } from './checkpoint';
import { planPrune, removeCheckpoints, type KeptCheckpoint } from './prune-plan';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'osc-prune-'));
});
afterEach(() => {
  rmSync(run, { recursive: true });
});

const save = (epoch: number, name?: string): Promise<string> =>
  saveCheckpoint(
    join(run, 'checkpoints'),
    {
      ...{ position: { step: epoch, epoch, batch: 0 }, lossSums: {}, history: [], lossWeights: {} },
      ...{ pendingEpochEnd: null, stopReason: null, losses: new Map(), model: new Map(), optimizer: new Map() },
      callbacks: { values: {}, tensors: new Map() },
    },
    name,
  );
const FIRST = 'epoch-0001_step-00000001';
const SECOND = 'epoch-0002_step-00000002';

async function plan(keep: readonly KeptCheckpoint[], isFinished = true) {
  const { kept, removed, remark } = await planPrune(run, keep, isFinished);
  const names = (paths: readonly string[]): string[] => paths.map((path) => basename(path)).sort();
  return { kept: names(kept), removed: names(removed.map(({ checkpoint }) => checkpoint)), remark };
}

test('the best and the last stay, as they are asked for; others by name stay always', async () => {
  await save(1);
  await save(2);
  await save(1, 'best');
  await save(1, 'other');
  expect(await plan(['best', 'last'])).toEqual({
    kept: [SECOND, 'best', 'other'].sort(),
    removed: [FIRST],
    remark: null,
  });
  expect((await plan(['last'])).removed).toEqual(['best', FIRST]);
  expect((await plan(['best'])).removed).toEqual([FIRST, SECOND]);
  expect(await plan(['best'], false)).toMatchObject({
    removed: [FIRST],
    remark: expect.stringContaining('to resume from'),
  });
});

test('without a best one the last stays, and the only one never goes', async () => {
  await save(1);
  expect(await plan(['best'])).toEqual({ kept: [FIRST], removed: [], remark: null });
  await save(2);
  expect(await plan(['best'])).toMatchObject({ kept: [SECOND], remark: expect.stringContaining('no best checkpoint') });
});

test('older ones go only where a newer one can be read', async () => {
  await save(1);
  const broken = await save(2);
  truncateSync(join(broken, 'model.safetensors'), 1);
  expect(await plan(['last'])).toEqual({
    kept: [FIRST, SECOND],
    removed: [],
    remark: expect.stringContaining('broken'),
  });
  rmSync(join(run, 'checkpoints', FIRST, 'state.json'));
  expect(await plan(['last'])).toMatchObject({ removed: [], remark: expect.stringContaining('all stay') });
});

test('what a killed process left goes, and nothing that a link leads to', async () => {
  await save(1);
  await save(2);
  const elsewhere = mkdtempSync(join(tmpdir(), 'osc-elsewhere-'));
  writeFileSync(join(elsewhere, 'file'), 'mine');
  symlinkSync(elsewhere, join(run, 'checkpoints/epoch-0000_step-00000000'));
  mkdirSync(join(run, 'checkpoints/.tmp-1-x'));
  const pruned = await planPrune(run, ['last'], true);
  await removeCheckpoints(pruned);
  expect(pruned.removed.every(({ bytes }) => bytes >= 0)).toBe(true);
  expect(readdirSync(join(run, 'checkpoints')).sort()).toEqual(['epoch-0000_step-00000000', SECOND]);
  expect(existsSync(join(elsewhere, 'file'))).toBe(true);
  rmSync(join(run, 'checkpoints'), { recursive: true });
  symlinkSync(elsewhere, join(run, 'checkpoints'));
  expect(await plan(['last'])).toEqual({ kept: [], removed: [], remark: null });
});
