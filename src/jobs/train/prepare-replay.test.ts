/** What is checked of a run before it is trained again; that it is, and what comes out, is in test/e2e/replay.test.ts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printConfig } from '../../config';
import { formatOverrides, saveCheckpoint, writeEnvironment, type Checkpoint, type RunEnvironment } from '../../run';
import { openProject } from '../project';
import { prepareReplay, type ReplayInput } from './prepare-replay';

const checkpoint = (epoch: number, change: Partial<Checkpoint> = {}): Checkpoint => ({
  position: { step: 8 * epoch, epoch, batch: 0 },
  lossSums: {},
  history: [],
  lossWeights: {},
  pendingEpochEnd: null,
  stopReason: null,
  losses: new Map(),
  callbacks: { values: {}, tensors: new Map() },
  model: new Map([['w', { shape: [1], data: Float32Array.of(epoch) }]]),
  optimizer: new Map(),
  ...change,
});

let cwd: string;
let config: string;

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-replay-'));
  writeFileSync(join(cwd, 'package.json'), '{}');
  const overrides = [
    'data=scenes',
    'training.num_epochs=2',
    'other.seed=1',
    'data.train.seed=2',
    'logging.name=wise-owl',
  ];
  config = printConfig((await openProject({ cwd, overrides })).config.values);
});

interface RunParts {
  readonly environment?: Partial<RunEnvironment>;
  readonly plugins?: readonly string[];
  readonly checkpoints?: readonly Checkpoint[];
  readonly text?: string;
}

let numRuns = 0;

async function makeRun({ environment, plugins = [], checkpoints = [checkpoint(2)], text = config }: RunParts = {}) {
  const run = join(cwd, `run-${numRuns++}`);
  for (const one of checkpoints) await saveCheckpoint(join(run, 'checkpoints'), one);
  await writeEnvironment(run, cwd, {
    versions: {},
    engine: { name: 'wasm', threads: 3, device: 'a CPU' },
    seeds: {},
    plugins: [],
    command: [],
    initFrom: null,
    ...environment,
  });
  writeFileSync(join(run, 'config.yaml'), text);
  writeFileSync(join(run, 'overrides.yaml'), formatOverrides({ plugins, overrides: ['data=scenes'] }));
  return run;
}

const prepare = (run: string, more: Partial<ReplayInput> = {}) => prepareReplay({ cwd, run, ...more });

test('the config of the run, under another name, with the engine and the threads it had', async () => {
  const { config: values } = await prepare(await makeRun());
  expect(values).toMatchObject({
    other: { seed: 1 },
    data: { name: 'scenes', train: { seed: 2 } },
    training: { num_epochs: 2 },
    logging: { name: 'wise-owl-replay', id: null },
    engine: { name: 'wasm', threads: 3 },
  });
});

test.each<[string[], object]>([
  [['engine.threads=1'], { name: 'wasm', threads: 1 }],
  [['engine.name=cpu'], { name: 'cpu', threads: null }],
  [['++engine.name=auto'], { name: 'auto', threads: null }],
])('%p is what is asked for', async (overrides, engine) => {
  expect((await prepare(await makeRun(), { overrides })).config.engine).toMatchObject(engine);
});

test('a name that is asked for; a replay of a replay keeps its name', async () => {
  const named = await prepare(await makeRun(), { overrides: ['logging.name=mine'] });
  expect(named.config.logging.name).toBe('mine');
  const again = await prepare(await makeRun({ text: config.replace('wise-owl', 'wise-owl-replay') }));
  expect(again.config.logging.name).toBe('wise-owl-replay');
});

test('a run that a callback ended has finished', async () => {
  const run = await makeRun({ checkpoints: [checkpoint(1, { stopReason: 'enough' })] });
  expect((await prepare(run)).config.training.num_epochs).toBe(2);
});

describe('is refused before work starts:', () => {
  const stopped = { position: { step: 3, epoch: 1, batch: 3 } };
  test.each<[string, RunParts, string]>([
    ['a run without a checkpoint', { checkpoints: [] }, 'has no checkpoint to compare with'],
    [
      'one stopped within an epoch',
      { checkpoints: [checkpoint(0, stopped)] },
      'It was stopped after 3 steps, in epoch 2 of 2.',
    ],
    ['one stopped after an epoch', { checkpoints: [checkpoint(1)] }, 'It was stopped after 8 steps, in epoch 2 of 2.'],
    [
      'one stopped before its last tests',
      { checkpoints: [checkpoint(2, { pendingEpochEnd: { epoch: 1, metrics: {} } })] },
      'before the tests after its last epoch',
    ],
  ])('%s', async (_, parts, message) => {
    const run = await makeRun(parts);
    await expect(prepare(run)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining(message),
      hints: [`osc train --resume ${run}    (and then --replay)`],
    });
  });

  test('a broken last checkpoint, which is left as it is', async () => {
    const run = await makeRun({ checkpoints: [checkpoint(1), checkpoint(2)] });
    const file = join(run, 'checkpoints/epoch-0002_step-00000016/model.safetensors');
    writeFileSync(file, 'half');
    await expect(prepare(run)).rejects.toThrow(/epoch-0002_step-00000016, is broken. model.safetensors does not match/);
    expect(readFileSync(file, 'utf8')).toBe('half');
  });

  test.each(['config.yaml', 'overrides.yaml', 'environment.json'])('a damaged %s', async (file) => {
    const run = await makeRun();
    writeFileSync(join(run, file), '{"a": [');
    await expect(prepare(run)).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining(file) });
  });

  test('a component of a plugin that the project does not enable; the run names it, which loads nothing', async () => {
    const evil = mkdtempSync(join(cwd, 'evil-'));
    const main = `require('fs').writeFileSync(${JSON.stringify(join(evil, 'ran'))}, '')`;
    writeFileSync(join(evil, 'index.js'), main);
    const components = [{ kind: 'obj_queries', name: 'evil', summary: 'evil' }];
    const manifest = { apiVersion: 1, main: './index.js', components };
    writeFileSync(
      join(evil, 'package.json'),
      JSON.stringify({ name: 'osc-plugin-evil', version: '1.0.0', oscPlugin: manifest }),
    );
    const run = await makeRun({
      text: config.replace('name: learned\n    num_objects', 'name: evil\n    num_objects'),
      plugins: [evil],
      environment: { plugins: [{ name: 'osc-plugin-evil', version: '1.0.0' }] },
    });
    await expect(prepare(run)).rejects.toMatchObject({
      name: 'UsageError',
      what: expect.stringContaining('"evil"'),
      why: 'The run had the plugins osc-plugin-evil, which this project does not enable.',
      hints: [`osc train --replay ${run} --plugin ${evil}    (runs the code that lies there)`],
    });
    expect(() => readFileSync(join(evil, 'ran'))).toThrow(/ENOENT/);
  });

  test.each([
    [{ plugins: ['kmeans_euclidean'] }, '--plugin kmeans_euclidean cannot be used with --replay.'],
    [{ plugins: ['model.obj_queries=sample'] }, '--plugin model.obj_queries=sample cannot be used with --replay.'],
    [{ overrides: ['data.num_train=3'] }, 'The override "data.num_train=3" cannot be used with --replay.'],
    [{ initFrom: 'run' }, 'The run did not start from weights of another one.'],
  ])('%p', async (more, message) => {
    await expect(prepare(await makeRun(), more)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining(message),
    });
  });
});

describe('a run that started from other weights', () => {
  let source: string;
  let child: string;

  beforeAll(async () => {
    source = await makeRun();
    const initFrom = join(source, 'checkpoints/epoch-0002_step-00000016');
    const { sha256 } = JSON.parse(readFileSync(join(initFrom, 'state.json'), 'utf8')) as {
      sha256: Record<string, string>;
    };
    child = await makeRun({
      environment: { initFrom: { checkpoint: initFrom, sha256: sha256['model.safetensors']!, step: 16 } },
    });
  });

  test('needs them, wherever they lie', async () => {
    await expect(prepare(child)).resolves.toBeDefined();
    const copied = await makeRun();
    await expect(prepare(child, { initFrom: copied })).resolves.toBeDefined();
  });

  test('and no others', async () => {
    const other = await makeRun({ checkpoints: [checkpoint(3)] });
    await expect(prepare(child, { initFrom: other })).rejects.toMatchObject({
      what: expect.stringMatching(/epoch-0003_step-00000024 are not the weights that the run started from/),
      why: expect.stringMatching(/^Their SHA-256 is [0-9a-f]{64}, and was [0-9a-f]{64}\.$/),
    });
  });

  test('says what to type when they are gone', async () => {
    rmSync(source, { recursive: true });
    await expect(prepare(child)).rejects.toMatchObject({
      name: 'UsageError',
      what: expect.stringMatching(
        /^Without the weights that the run started from \(.*, 16 steps\) it cannot be repeated\.$/,
      ),
      hints: [`osc train --replay ${child} --init-from RUN|CHECKPOINT    (where those weights lie now)`],
    });
  });
});
