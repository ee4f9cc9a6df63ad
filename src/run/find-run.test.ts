import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { saveCheckpoint } from './checkpoint';
import { findRun, findRunToReplay, findRunToResume } from './find-run';

let cwd: string;
const makeRun = (name: string): string => {
  const path = join(cwd, 'outputs', '2026-01-02', name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'config.yaml'), '');
  return path;
};
const makeCheckpoint = (run: string): Promise<string> =>
  saveCheckpoint(join(run, 'checkpoints'), {
    position: { step: 1, epoch: 1, batch: 0 },
    lossSums: {},
    history: [],
    lossWeights: {},
    pendingEpochEnd: null,
    stopReason: null,
    losses: new Map(),
    callbacks: { values: {}, tensors: new Map() },
    model: new Map(),
    optimizer: new Map(),
  });
const find = (given: string) => findRun(cwd, given, 'osc evaluate');

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-find-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

test('latest is the newest; a name or a path finds a run too', () => {
  makeRun('03-00-00_old');
  const path = makeRun('04-00-00_new');
  mkdirSync(join(cwd, 'outputs', '2026-01-03', 'not-a-run'), { recursive: true });
  const fromHome = `~/${relative(homedir(), path)}`;
  for (const given of [
    'latest',
    'new',
    '04-00-00_new',
    path,
    join('outputs', '2026-01-02', '04-00-00_new'),
    fromHome,
  ]) {
    expect(find(given)).toEqual({ run: path });
    expect(findRunToResume(cwd, given)).toBe(path);
    expect(findRunToReplay(cwd, given)).toBe(path);
  }
});

test('a checkpoint is found with its run, and resumed by it', async () => {
  const run = makeRun('03-00-00_run');
  const checkpoint = await makeCheckpoint(run);
  expect(find(checkpoint)).toEqual({ run, checkpoint });
  expect(() => findRunToResume(cwd, checkpoint)).toThrow(
    expect.objectContaining({ name: 'UsageError', hints: [`osc train --resume ${run}`] }),
  );
  expect(() => findRunToReplay(cwd, checkpoint)).toThrow(
    expect.objectContaining({ name: 'UsageError', hints: [`osc train --replay ${run}`] }),
  );
  rmSync(join(checkpoint, 'state.json')); // damaged, but what is meant is clear
  expect(find(checkpoint)).toEqual({ run, checkpoint });
});

test('a checkpoint that stands alone has no run to go on with', async () => {
  const copied = join(cwd, 'copied');
  cpSync(await makeCheckpoint(makeRun('03-00-00_run')), copied, { recursive: true });
  expect(find('copied')).toEqual({ checkpoint: copied });
  writeFileSync(join(copied, 'config.yaml'), ''); // as imported ones have
  expect(find('copied')).toEqual({ checkpoint: copied });
  expect(() => findRunToResume(cwd, 'copied')).toThrow(
    expect.objectContaining({ hints: [expect.stringContaining('osc train --init-from copied')] }),
  );
  expect(() => findRunToReplay(cwd, 'copied')).toThrow(/copied is a copied or imported checkpoint/);
});

test('a dangling link under outputs is no run', () => {
  const run = makeRun('05-00-00_run');
  symlinkSync('/nowhere', join(cwd, 'outputs', 'zz'));
  symlinkSync('/nowhere', join(cwd, 'outputs', '2026-01-02', 'zz'));
  expect(find('latest')).toEqual({ run });
});

test('what is neither: the messages say what to type', () => {
  expect(() => find('latest')).toThrow(/There is no run under/);
  const run = makeRun('05-00-00_run');
  const weights = join(cwd, 'model.safetensors');
  writeFileSync(weights, '');
  const hints = [expect.stringContaining(`osc import ${weights} --output DIR`), `osc evaluate ${run}`];
  for (const given of [weights, '.', cwd]) {
    expect(() => find(given)).toThrow(
      expect.objectContaining({ name: 'UsageError', what: `${given} is neither a run nor a checkpoint.`, hints }),
    );
  }
  expect(() => findRunToResume(cwd, 'rnu')).toThrow(
    expect.objectContaining({ what: 'There is no run or checkpoint rnu.', hints: [`osc train --resume ${run}`] }),
  );
});
