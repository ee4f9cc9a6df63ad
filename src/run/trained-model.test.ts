import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveCheckpoint, saveImportedCheckpoint } from './checkpoint';
import type { Checkpoint } from './checkpoint-state';
import { openTrainedModel } from './trained-model';

let cwd: string;
let run: string;
let imported: string;
const weights = (value: number): Checkpoint['model'] => new Map([['w', { shape: [1], data: Float32Array.of(value) }]]);
const checkpoint = (step: number): Checkpoint => ({
  position: { step, epoch: step, batch: 0 },
  lossSums: {},
  history: [],
  lossWeights: {},
  pendingEpochEnd: null,
  stopReason: null,
  losses: new Map(),
  callbacks: { values: {}, tensors: new Map() },
  model: weights(step),
  optimizer: new Map(),
});
const open = (given: string, weightsOf?: string) => openTrainedModel(cwd, given, 'osc evaluate', weightsOf);

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-trained-'));
  run = join(cwd, 'outputs/2026-01-02/03-04-05_quiet-lynx');
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'config.yaml'), '');
  writeFileSync(join(run, 'overrides.yaml'), 'plugins: [osc-plugin-x]\noverrides: []\n');
  for (const step of [1, 2]) await saveCheckpoint(join(run, 'checkpoints'), checkpoint(step));
  imported = join(cwd, 'imported');
  await saveImportedCheckpoint(
    imported,
    { model: weights(9), importedFrom: '/w.safetensors' },
    { 'config.yaml': '', 'overrides.yaml': 'plugins: []\noverrides: []\n' },
  );
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const newest = (): string => join(run, 'checkpoints/epoch-0002_step-00000002');
const older = (): string => join(run, 'checkpoints/epoch-0001_step-00000001');

test('a run is its newest checkpoint, by path, name or latest', async () => {
  for (const given of ['latest', 'quiet-lynx', '03-04-05_quiet-lynx', run, newest()]) {
    const { model, ...opened } = await open(given);
    expect(opened).toMatchObject({
      checkpoint: newest(),
      home: run,
      configFile: join(run, 'config.yaml'),
      plugins: ['osc-plugin-x'],
      position: { step: 2 },
    });
    expect(model).toEqual(weights(2));
  }
  expect((await open(older())).model).toEqual(weights(1));
});

test('an imported checkpoint has its config beside it', async () => {
  expect(await open(imported)).toMatchObject({ checkpoint: imported, home: imported, model: weights(9), plugins: [] });
});

test('a checkpoint that was copied needs its config', async () => {
  const copied = join(cwd, 'a/b/copied');
  cpSync(newest(), copied, { recursive: true });
  await expect(open(copied)).rejects.toMatchObject({ name: 'UsageError', what: expect.stringContaining('no config') });
  for (const file of ['config.yaml', 'overrides.yaml']) cpSync(join(run, file), join(copied, file));
  expect(await open(copied)).toMatchObject({ home: copied, model: weights(2) });
});

test.each([['model.safetensors'], ['state.json']])(
  'a broken %s is no reason to take an older one unasked',
  async (file) => {
    const path = join(newest(), file);
    const bytes = readFileSync(path);
    bytes[bytes.length - 5]! ^= 1;
    writeFileSync(path, bytes);
    await expect(open('latest')).rejects.toMatchObject({
      name: 'UsageError',
      what: `The checkpoint ${newest()} is broken.`,
      why: expect.stringMatching(/checksum|JSON/),
      hints: [`osc evaluate ${older()}    (an older one)`],
    });
  },
);

test('what cannot be opened', async () => {
  await expect(open('nowhere')).rejects.toMatchObject({ what: 'There is no run or checkpoint nowhere.' });
  for (const [text, what] of [
    ['plugins: osc-plugin-x\noverrides: []\n', 'is damaged'],
    ['plugins: [', 'cannot be read'],
    ['a: &a [*a]\n', 'cannot be read'],
    [
      `a0: &a0 [x]\n${[...'123456789'].map((i) => `a${i}: &a${i} [${`*a${Number(i) - 1},`.repeat(9)}]`).join('\n')}`,
      'cannot be read',
    ],
  ] as const) {
    writeFileSync(join(run, 'overrides.yaml'), text);
    await expect(open(run)).rejects.toMatchObject({
      name: 'UsageError',
      what: expect.stringContaining(`${join(run, 'overrides.yaml')} ${what}`),
    });
  }
  rmSync(join(run, 'overrides.yaml'));
  execFileSync('mkfifo', [join(run, 'overrides.yaml')]);
  await expect(open(run)).rejects.toMatchObject({
    what: expect.stringContaining('cannot be read'),
    why: 'It is no file.',
  });
  rmSync(join(run, 'checkpoints'), { recursive: true });
  await expect(open(run)).rejects.toMatchObject({ what: expect.stringContaining('has no checkpoint yet') });
});

test('the weights that a callback kept', async () => {
  const one = (value: number) => ({ shape: [1], data: Float32Array.of(value) });
  const callbacks = {
    values: {},
    tensors: new Map([
      ['ema/weights.w', one(7)],
      ['other/x', one(1)],
    ]),
  };
  const folder = await saveCheckpoint(join(run, 'checkpoints'), { ...checkpoint(3), callbacks }, 'best');
  const { model, weights: whose, sha256 } = await open(folder, 'ema');
  expect(model).toEqual(weights(7));
  expect(whose).toBe('ema');
  const trained = await open(folder);
  expect(trained).toMatchObject({ weights: null, model: weights(3) });
  expect(trained.sha256).not.toBe(sha256);
  await expect(open(folder, 'swa')).rejects.toThrow(
    `The checkpoint ${folder} has no weights "swa". Beside those that were trained it has ema.`,
  );
  await expect(open('latest', 'ema')).rejects.toThrow(/has no weights "ema". It has only those that were trained./);
});
