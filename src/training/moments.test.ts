/** What callbacks are told of and may do, and that a run with them is resumed to the bit. */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { readCheckpoint } from '../run';
import type { Callback, EpochEnd, StepEnd, TrainingRun } from '../sdk';
import { Callbacks } from './callbacks';
import { Objective } from './objective';
import { chooseEngineForTest, makeLoss } from './testing-model.fixture';
import { batches, lines, logger, named, never, NUM_BATCHES, train, type Run } from './train-for-test.fixture';
import type { EvaluationService } from './trainer-parts';

beforeAll(chooseEngineForTest);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'osc-moments-'));
  lines.length = 0;
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const newRunDir = (): string => mkdtempSync(join(dir, 'run-'));

/** Tests the model after every epoch; what it "measures" is a function of the step. */
function evaluation(): EvaluationService {
  return {
    epochInterval: 1,
    metrics: { 'test/score': { label: 'Score', better: 'higher' } },
    run: ({ step }) => Promise.resolve({ 'test/score': Math.sin(step) }),
  };
}

/** Asks for tests after every epoch, as the callback of that name does. */
const testing: Callback = { onEpochEnd: async ({ evaluation }) => void (await evaluation?.run()) };

test('moments come in the order of a run, each callback in its turn', async () => {
  const moments: string[] = [];
  const recorder = (name: string): Callback => ({
    onStart: () => void moments.push(`${name} start`),
    onForward: () => void moments.push(`${name} forward`),
    onGradients: () => void moments.push(`${name} gradients`),
    onStepEnd: async (_, { step }) => {
      await Promise.resolve();
      moments.push(`${name} step ${step}`);
    },
    onEpochEnd: async (run, { epoch, last }) => {
      moments.push(`${name} epoch ${epoch}${last ? ' last' : ''}`);
      if (name === 'a') await run.evaluation?.run();
    },
    onEvaluationEnd: () => void moments.push(`${name} evaluation`),
    onEnd: (_, status) => void moments.push(`${name} ${status}`),
  });
  const callbacks = named({ a: recorder('a'), b: recorder('b') });
  await train(newRunDir(), { callbacks, evaluation: evaluation() }, { numEpochs: 2, accumulateBatches: 4 });
  const epoch = (index: number, last: string): string[] => [
    ...Array.from({ length: NUM_BATCHES }, () => ['a forward', 'b forward']).flat(),
    ...['a gradients', 'b gradients', `a step ${index}`, `b step ${index}`],
    ...[`a epoch ${index}${last}`, 'a evaluation', 'b evaluation', `b epoch ${index}${last}`],
  ];
  expect(moments).toEqual([
    ...['a start', 'b start'],
    ...epoch(0, ''),
    ...epoch(1, ' last'),
    ...['a finished', 'b finished'],
  ]);
});

test('what is told of steps, epochs and tests; what callbacks log goes to the trackers', async () => {
  const steps: StepEnd[] = [];
  const epochs: EpochEnd[] = [];
  const tests: object[] = [];
  const watcher: Callback = {
    onStepEnd: (run, step) => {
      steps.push(step);
      run.log({ 'mine/step': step.step });
    },
    onEpochEnd: async (run, epoch) => {
      epochs.push(epoch);
      run.log({ 'mine/epoch': epoch.epoch });
      await run.evaluation?.run({ last: epoch.last });
    },
    onEvaluationEnd: (_, metrics) => void tests.push(metrics),
  };
  const { logged, outcome } = await train(newRunDir(), {
    callbacks: named({ watcher }),
    evaluation: evaluation(),
  });
  expect(steps).toHaveLength(12);
  expect(steps[5]).toEqual({
    step: 5,
    epoch: 1,
    learningRate: 0.1 / 6,
    losses: { l_global: expect.any(Number) as number },
    gradNorm: expect.any(Number) as number,
  });
  expect(epochs).toEqual(outcome.history.map((record, epoch) => ({ ...record, last: epoch === 2 })));
  expect(tests).toEqual([4, 8, 12].map((step) => ({ 'test/score': Math.sin(step) })));
  const at = (name: string): unknown[] =>
    logged.filter(({ metrics }) => name in metrics).map(({ metrics, point }) => [metrics[name], point]);
  expect(at('mine/step')).toEqual(steps.map(({ step }) => [step, { step, epoch: Math.floor(step / NUM_BATCHES) }]));
  expect(at('mine/epoch')).toEqual([0, 1, 2].map((epoch) => [epoch, { step: 4 * (epoch + 1), epoch }]));
  expect(at('test/score')).toEqual(
    [0, 1, 2].map((epoch) => [Math.sin(4 * (epoch + 1)), { step: 4 * (epoch + 1), epoch }]),
  );
});

test('what a run says of itself', async () => {
  let seen: TrainingRun | undefined;
  const onStart = (run: TrainingRun): void => void (seen = run);
  const runDir = newRunDir();
  await train(runDir, { callbacks: named({ a: { onStart }, b: {} }), evaluation: evaluation() });
  expect(seen).toMatchObject({ dir: runDir, name: 'test', resumed: false, numEpochs: 3, stepsPerEpoch: NUM_BATCHES });
  expect(seen?.callbacks).toEqual(['a', 'b']);
  expect([...seen!.losses.keys()]).toEqual(['l_global']);
  expect(seen?.masks).toEqual([]);
  expect(seen?.metrics).toEqual({
    'l_global/train': { label: 'l_global/train', better: 'lower' },
    'l_global/val': { label: 'l_global/val', better: 'lower' },
    'test/score': { label: 'Score', better: 'higher' },
  });
  await train(runDir, { callbacks: named({ a: { onStart } }) }, { numEpochs: 4 }, never, true);
  expect(seen).toMatchObject({ resumed: true, numEpochs: 4, evaluation: null });
});

/** Its state changes at every moment there is, and decides what is trained. */
class Stateful implements Callback {
  #count = 0;
  #tensor = tf.tensor1d([0.25]);

  #change(by: number): void {
    this.#count += by;
    const next = tf.tidy(() => tf.add(tf.mul(this.#tensor, 0.9), by / 7));
    this.#tensor.dispose();
    this.#tensor = next as tf.Tensor1D;
  }

  onGradients(_: TrainingRun, gradients: Map<string, tf.Tensor>): void {
    const gradient = gradients.get('weight')!;
    gradients.set('weight', tf.mul(gradient, this.#tensor));
    gradient.dispose();
  }

  onStepEnd(): void {
    this.#change(1);
  }

  onEpochEnd({ losses }: TrainingRun): void {
    this.#change(10);
    losses.get('l_global')!.weight *= 0.7;
  }

  onEvaluationEnd(): void {
    this.#change(0.5);
  }

  state() {
    return { values: { count: this.#count }, tensors: new Map([['own', this.#tensor]]) };
  }

  loadState({ values, tensors }: ReturnType<Stateful['state']>): void {
    this.#count = values.count;
    this.#tensor.dispose();
    this.#tensor = tf.clone(tensors.get('own')!);
  }

  dispose(): void {
    this.#tensor.dispose();
  }
}

const stateful = () => {
  const callbacks = named({ stateful: new Stateful() as Callback, testing });
  return { callbacks, evaluation: evaluation() };
};

/** Lines that a tracker has of a run that went on: those of before the first point of the second process, and its own. */
function joined(before: Run['logged'], after: Run['logged'], from: { step: number; epoch: number }): Run['logged'] {
  return [...before.filter(({ point }) => point.step < from.step || point.epoch < from.epoch), ...after];
}

describe('a callback with values and tensors that changes weights and gradients', () => {
  let whole: Run;
  beforeAll(async () => {
    const runDir = mkdtempSync(join(tmpdir(), 'osc-whole-'));
    whole = await train(runDir, stateful());
    rmSync(runDir, { recursive: true });
    expect(whole.checkpoint.callbacks.values).toEqual({ stateful: { count: 12 + 3 * 10.5 } });
    expect(whole.checkpoint.lossWeights).toEqual({ l_global: 0.7 * 0.7 * 0.7 });
    expect([...whole.checkpoint.callbacks.tensors.keys()]).toEqual(['stateful/own']);
  });

  test.each(Array.from({ length: 12 }, (_, i) => i))(
    'stopped after step %i and resumed: the same bytes',
    async (last) => {
      const runDir = newRunDir();
      let steps = 0;
      const stop = new AbortController();
      const counting = batches(() => {
        if (steps++ === last) stop.abort();
      });
      const stopped = await train(runDir, { ...stateful(), train: counting }, {}, stop.signal);
      expect(stopped.outcome.status).toBe('stopped');
      const resumed = await train(runDir, stateful(), {}, never, true);
      expect(resumed.checkpoint).toEqual({ ...whole.checkpoint, folder: resumed.outcome.checkpoint });
      expect(joined(stopped.logged, resumed.logged, resumed.firstPoint)).toEqual(whole.logged);
    },
  );

  test.each([0, 1, 2])('killed at any write of the end of epoch %i and resumed: the same bytes', async (epoch) => {
    const options = { checkpointInterval: 1, keepCheckpoints: null };
    const reference = await train(newRunDir(), stateful(), options);
    const runDir = newRunDir();
    const copies: string[] = [];
    // as a kill would leave the run directory: at the end of the epoch before and after callbacks change their states
    const copying = (moment: string): Callback => ({
      onEpochEnd: (run, at) => {
        if (at.epoch !== epoch) return;
        copies.push(join(dir, `${moment}-${copies.length}`));
        cpSync(run.dir, copies.at(-1)!, { recursive: true });
      },
    });
    const watched = {
      before: copying('before'),
      stateful: new Stateful() as Callback,
      testing,
      after: copying('after'),
    };
    await train(runDir, { callbacks: named(watched), evaluation: evaluation() }, options);
    expect(copies).toHaveLength(2);
    for (const copy of copies) {
      const resumed = await train(copy, stateful(), options, never, true);
      expect(resumed.checkpoint).toEqual({ ...reference.checkpoint, folder: resumed.outcome.checkpoint });
    }
  });

  test('what changes after the checkpoint of an epoch is in it when the epoch has ended', async () => {
    const runDir = newRunDir();
    await train(runDir, stateful(), { checkpointInterval: 1, keepCheckpoints: null });
    const folder = join(runDir, 'checkpoints', 'epoch-0001_step-00000004');
    expect(readdirSync(folder).sort()).toEqual([
      'callbacks-2.safetensors',
      'model.safetensors',
      'optimizer.safetensors',
      'state.json',
    ]);
    const { callbacks, lossWeights, pendingEpochEnd } = await readCheckpoint(folder);
    expect(callbacks.values).toEqual({ stateful: { count: 4 + 10.5 } });
    expect({ lossWeights, pendingEpochEnd }).toEqual({ lossWeights: { l_global: 0.7 }, pendingEpochEnd: null });
  });
});

describe('a callback that ends training', () => {
  /** Ends it at the end of `epoch`, or at the step that comes first in it. */
  const ending = (epoch: number, moment: 'step' | 'epoch', told: EpochEnd[] = []): Callback => ({
    onStepEnd: (run, step) => {
      if (moment === 'step' && step.epoch === epoch) run.stop('enough of it');
    },
    onEpochEnd: (run, end) => {
      told.push(end);
      if (moment === 'epoch' && end.epoch === epoch) run.stop('enough of it');
      run.stop('a second reason counts for nothing');
    },
  });

  test.each(['step', 'epoch'] as const)(
    'in an %s: after the epoch, which is validated and told of as the last',
    async (moment) => {
      const told: EpochEnd[] = [];
      const runDir = newRunDir();
      const callbacks = named({ ending: ending(0, moment, told) });
      const options = { valInterval: 2, numEpochs: 9 };
      const { outcome, checkpoint } = await train(runDir, { callbacks }, options);
      expect(outcome).toMatchObject({
        status: 'finished',
        stopReason: 'enough of it',
        position: { step: 4, epoch: 1 },
      });
      expect(told.map(({ epoch, last }) => [epoch, last])).toEqual(
        moment === 'step'
          ? [[0, true]]
          : [
              [0, false],
              [0, true],
            ],
      );
      expect(lines.filter((line) => line.includes('ends'))).toEqual(['Training ends after epoch 1: enough of it']);
      expect(checkpoint).toMatchObject({ stopReason: 'enough of it', pendingEpochEnd: null });

      const resumed = await train(runDir, {}, options, never, true);
      expect(resumed.outcome).toMatchObject({ status: 'finished', stopReason: 'enough of it', sessionSteps: 0 });
      expect(resumed.logged).toEqual([]);
    },
  );

  test('in the middle of an epoch that is stopped by a signal, too: the epoch is finished after the resume', async () => {
    const runDir = newRunDir();
    const stop = new AbortController();
    const callbacks = named({
      ending: {
        onStepEnd: (run, { step }) => {
          if (step === 1) run.stop('enough');
          if (step === 1) stop.abort();
        },
      },
    });
    const stopped = await train(runDir, { callbacks }, {}, stop.signal);
    expect(stopped.outcome).toMatchObject({ status: 'stopped', position: { step: 2, epoch: 0, batch: 2 } });
    const resumed = await train(runDir, {}, {}, never, true);
    expect(resumed.outcome).toMatchObject({
      status: 'finished',
      stopReason: 'enough',
      position: { step: 4, epoch: 1, batch: 0 },
    });
    expect(resumed.outcome.history).toHaveLength(1);
  });

  test('at the end of an epoch without checkpoint and validation: both are made up for', async () => {
    const told: EpochEnd[] = [];
    const callbacks = named({
      ending: {
        onEpochEnd: (run, end) => {
          told.push(end);
          if (end.epoch === 1) run.stop('enough');
        },
      },
    });
    const { outcome, checkpoint, logged } = await train(
      newRunDir(),
      { callbacks },
      { valInterval: 5, checkpointInterval: 5 },
    );
    expect(told.map(({ epoch, last, val }) => [epoch, last, Object.keys(val)])).toEqual([
      [0, false, ['l_global']],
      [1, false, []],
      [1, true, ['l_global']],
    ]);
    expect(outcome.history[1]!.val).toEqual(told[2]!.val);
    expect(checkpoint).toMatchObject({ position: { step: 8, epoch: 2 }, history: outcome.history });
    expect(logged.filter(({ metrics }) => 'l_global/val' in metrics).map(({ point }) => point)).toEqual([
      { step: 4, epoch: 0 },
      { step: 8, epoch: 1 },
    ]);
  });
});

test('a gradient that is taken out leaves the parameter as it is', async () => {
  const removing: Callback = {
    onGradients: (_, gradients) => {
      gradients.get('weight')!.dispose();
      gradients.delete('weight');
    },
  };
  const optimizer = {
    step: (parameters: ReadonlyMap<string, tf.Variable>, gradients: ReadonlyMap<string, tf.Tensor>) => {
      for (const name of gradients.keys()) parameters.get(name)!.assign(tf.tensor1d([9]));
    },
    state: () => new Map<string, tf.Tensor>(),
    loadState: () => undefined,
    dispose: () => undefined,
  };
  const frozen = await train(newRunDir(), { callbacks: named({ removing }), optimizer });
  expect(frozen.checkpoint.model.get('weight')!.data).toEqual(Float32Array.of(0.5));
  const free = await train(newRunDir(), { optimizer });
  expect(free.checkpoint.model.get('weight')!.data).toEqual(Float32Array.of(9));
});

test('a loss whose weight is 0 from the first step on trains nothing', async () => {
  const objective = new Objective([makeLoss()]);
  const muting: Callback = { onStart: ({ losses }) => void (losses.get('l_global')!.weight = 0) };
  const { checkpoint } = await train(newRunDir(), { objective, callbacks: named({ muting }) });
  expect(checkpoint.model.get('weight')!.data).toEqual(Float32Array.of(0.5));
  expect(checkpoint.lossWeights).toEqual({ l_global: 0 });
});

test('tests of other weights: those that a callback keeps, and the trained ones are put back to the bit', async () => {
  const seen: number[] = [];
  const own = tf.tensor1d([42]);
  const keeper: Callback = { state: () => ({ tensors: new Map([['weights.weight', own]]) }) };
  const asking: Callback = {
    onEpochEnd: async ({ evaluation, parameters }) => {
      await evaluation?.run({ weights: 'keeper' });
      seen.push(parameters.get('weight')!.dataSync()[0]!);
    },
  };
  const measuring: EvaluationService = { ...evaluation(), run: () => Promise.resolve({ 'test/score': 1 }) };
  const plain = await train(newRunDir(), {}, { numEpochs: 1 });
  const { checkpoint } = await train(
    newRunDir(),
    { callbacks: named({ keeper, asking }), evaluation: measuring },
    { numEpochs: 1 },
  );
  expect(checkpoint.model).toEqual(plain.checkpoint.model);
  expect(seen).toEqual([...plain.checkpoint.model.get('weight')!.data]);
  const wrong: Callback = { onEpochEnd: async ({ evaluation }) => void (await evaluation?.run({ weights: 'kept' })) };
  await expect(train(newRunDir(), { callbacks: named({ keeper, wrong }), evaluation: measuring })).rejects.toThrow(
    'No callback named kept keeps weights. The callbacks of this run: keeper, wrong.',
  );
  own.dispose();
});

test('a checkpoint by a name of its own: written again and again, kept when others go, and not resumed from', async () => {
  const runDir = newRunDir();
  const folders: string[] = [];
  const saving: Callback = { onEpochEnd: async (run) => void folders.push(await run.saveCheckpoint('best')) };
  const { checkpoint } = await train(runDir, { callbacks: named({ saving }) }, { keepCheckpoints: 1 });
  const best = join(runDir, 'checkpoints', 'best');
  expect(folders).toEqual([best, best, best]);
  expect(readdirSync(join(runDir, 'checkpoints')).sort()).toEqual(['best', 'epoch-0003_step-00000012']);
  expect((await readCheckpoint(best)).model).toEqual(checkpoint.model);
  for (const name of ['../best', 'epoch-0001_step-00000004', 'Best', '']) {
    const wrong: Callback = { onEpochEnd: async (run) => void (await run.saveCheckpoint(name)) };
    await expect(train(newRunDir(), { callbacks: named({ wrong }) })).rejects.toThrow(/is no name for a checkpoint/);
  }
  expect(existsSync(join(dir, 'best'))).toBe(false);
});

test('a callback of a third party that throws ends the run, which can be resumed', async () => {
  const callback: Callback = {
    onStepEnd: (_, { step }) => {
      if (step === 6) throw new Error('no more');
    },
  };
  const runDir = newRunDir();
  const broken = new Callbacks([{ name: 'mine', callback, packageName: 'osc-plugin-mine' }], logger);
  const failing = train(runDir, { callbacks: broken }, { checkpointInterval: 1 });
  await expect(failing).rejects.toThrow('The callback mine of osc-plugin-mine failed in onStepEnd: no more');
  const resumed = await train(runDir, {}, {}, never, true);
  expect(resumed.outcome).toMatchObject({ status: 'finished', sessionSteps: 8 });
});
