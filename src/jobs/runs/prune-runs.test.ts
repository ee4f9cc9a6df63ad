import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockRun, saveCheckpoint } from '../../run';
import { makeRun } from './made-run.fixture';
import { pruneRuns, type PruneRunsInput } from './prune-runs';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-prune-runs-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

/** With two checkpoints, whole ones. */
async function make(name: string): Promise<string> {
  const run = makeRun(join(cwd, 'outputs', name), { epochs: 0, numEpochs: 2 });
  for (const epoch of [1, 2]) {
    await saveCheckpoint(join(run, 'checkpoints'), {
      ...{ position: { step: epoch, epoch, batch: 0 }, lossSums: {}, history: [], lossWeights: {} },
      ...{ pendingEpochEnd: null, stopReason: null, losses: new Map(), model: new Map(), optimizer: new Map() },
      callbacks: { values: {}, tensors: new Map() },
    });
  }
  return run;
}
const FIRST = 'epoch-0001_step-00000001';
const checkpoints = (run: string): string[] => readdirSync(join(run, 'checkpoints'));
const prune = (input: PruneRunsInput = {}) => pruneRuns({ cwd, ...input });

test('what would go and what that frees; nothing goes in a dry run, or where the answer is no', async () => {
  const runs = [await make('a'), await make('b')];
  const plan = await prune({ dryRun: true });
  expect(plan).toMatchObject({ done: false, checkpoints: 2, lookedAt: 2, broken: [] });
  expect(plan.bytes).toBeGreaterThan(500);
  const asked: number[] = [];
  const refused = await prune({
    confirm: ({ bytes }) => {
      asked.push(bytes);
      return Promise.resolve(false);
    },
  });
  expect([refused.done, asked]).toEqual([false, [plan.bytes]]);
  for (const run of runs) expect(checkpoints(run)).toHaveLength(2);
  expect(await prune()).toMatchObject({ done: true, checkpoints: 2, bytes: plan.bytes });
  for (const run of runs) expect(checkpoints(run)).toEqual(['epoch-0002_step-00000002']);
  expect(existsSync(join(runs[0]!, '.lock'))).toBe(false);
  expect(await prune()).toMatchObject({ done: false, checkpoints: 0, runs: [] });
});

test('a run that is being trained is left alone, also where that begins while the question is asked', async () => {
  const [a, b] = [await make('a'), await make('b')];
  const lock = await lockRun(a, () => undefined);
  let later: { release(): void } | undefined;
  const pruned = await prune({
    confirm: async () => {
      later = await lockRun(b, () => undefined);
      return true;
    },
  });
  expect(pruned.runs.map(({ label, skipped }) => [label, skipped])).toEqual([
    ['a', 'It is being trained.'],
    ['b', 'It is being trained.'],
  ]);
  expect([...checkpoints(a), ...checkpoints(b)].filter((name) => name === FIRST)).toHaveLength(2);
  lock.release();
  later?.release();
});

test('something has to stay', async () => {
  await make('a');
  await expect(prune({ keep: [] })).rejects.toThrow('keeps at least one');
});
