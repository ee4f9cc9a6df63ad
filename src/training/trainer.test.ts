import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { newestCheckpoint, type Checkpoint } from '../run';
import { RunError, type MetricPoint, type ModelOutputs } from '../sdk';
import { CollapseMeter } from './collapse-meter';
import { Trainer, type Batches, type TrainerOptions, type TrainerParts, type TrainOutcome } from './trainer';
import { chooseEngineForTest, makeLoss, makeOptimizer, TinyModel } from './testing-model.fixture';

beforeAll(chooseEngineForTest);

const NUM_BATCHES = 4;
const imageSize = [2, 2] as const;
const never = new AbortController().signal;
const logger = { error: jest.fn(), warn: jest.fn(), info: jest.fn(), debug: jest.fn() };

/** Batch b of epoch e is a function of both; `poison` makes it NaN. */
function batches(
  afterBatch: (epoch: number, batch: number) => void = () => undefined,
  poison?: [number, number],
): Batches {
  return {
    numSamples: NUM_BATCHES * 2,
    batchesPerEpoch: NUM_BATCHES,
    async *epoch(epoch, fromBatch = 0) {
      for (let batch = fromBatch; batch < NUM_BATCHES; batch++) {
        const value = poison?.[0] === epoch && poison[1] === batch ? NaN : 1;
        const images = Float32Array.from(
          { length: 2 * 2 * 3 * 4 },
          (_, i) => value * Math.sin(i + 7 * batch + 31 * epoch),
        );
        yield await Promise.resolve({ images, size: 2 });
        afterBatch(epoch, batch);
      }
    },
  };
}

interface Run {
  outcome: TrainOutcome;
  logged: { metrics: Record<string, number>; point: MetricPoint }[];
  checkpoint: Checkpoint;
}

async function train(
  runDir: string,
  over: Partial<TrainerParts> = {},
  options: Partial<TrainerOptions> = {},
  signal = never,
  resume = false,
): Promise<Run> {
  const model = new TinyModel();
  const logged: Run['logged'] = [];
  const trainer = new Trainer(
    {
      model,
      losses: [makeLoss()],
      optimizer: makeOptimizer(),
      scheduler: { epochs: 3, learningRate: (step) => 0.1 / (1 + step) },
      train: batches(),
      val: batches(),
      trackers: [
        {
          start: () => Promise.resolve(),
          log: (metrics, point) => Promise.resolve(void logged.push({ metrics: { ...metrics }, point })),
          finish: () => Promise.resolve(),
        },
      ],
      hooks: [],
      collapse: null,
      logger,
      checkLog: () => undefined,
      progress: { start() {}, update() {}, stop() {} },
      ...over,
    },
    {
      runDir,
      imageSize,
      numEpochs: 3,
      valInterval: 1,
      checkpointInterval: 2,
      checkpointSteps: null,
      keepCheckpoints: 2,
      plan: { startLr: 0.1, warmupSteps: 0, stepsPerEpoch: NUM_BATCHES },
      ...options,
    },
  );
  const folder = join(runDir, 'checkpoints');
  if (resume) trainer.restore(await newestCheckpoint(folder, logger));
  const outcome = await trainer.run(signal);
  model.dispose();
  return { outcome, logged, checkpoint: await newestCheckpoint(folder, logger) };
}

let runDir: string;
beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'osc-trainer-'));
});
afterEach(() => {
  rmSync(runDir, { recursive: true });
});

test('a whole run: metrics by step and epoch, checkpoints when due', async () => {
  const { outcome, logged, checkpoint } = await train(runDir);
  expect(outcome).toMatchObject({ status: 'finished', position: { step: 12, epoch: 3, batch: 0 } });
  expect(outcome.history).toHaveLength(3);
  const steps = logged.filter(({ metrics }) => 'lr' in metrics);
  expect(steps.map(({ point }) => point)).toEqual(
    Array.from({ length: 12 }, (_, step) => ({ step, epoch: Math.floor(step / NUM_BATCHES) })),
  );
  expect(steps[0]!.metrics).toEqual({ 'l_global/train': expect.any(Number) as number, lr: 0.1 });
  const epochs = logged.filter(({ metrics }) => 'epoch' in metrics);
  expect(epochs.map(({ metrics }) => Object.keys(metrics))).toEqual(Array(3).fill(['l_global/val', 'epoch']));
  const mean = steps.slice(0, 4).reduce((sum, { metrics }) => sum + metrics['l_global/train']!, 0) / 4;
  expect(outcome.history[0]!.train['l_global']).toBeCloseTo(mean, 12);
  expect(checkpoint.position).toEqual(outcome.position);
});

test.each(Array.from({ length: 12 }, (_, i) => i))(
  'stopped after step %i and resumed: the same bytes and the same history as never stopped',
  async (stopAfter) => {
    const whole = await train(mkdtempSync(join(runDir, 'whole-')));
    let steps = 0;
    const stop = new AbortController();
    // the batch after the one that is to be last is asked for when its step is done
    const counting = batches(() => {
      if (steps++ === stopAfter) stop.abort();
    });
    const stopped = await train(runDir, { train: counting }, {}, stop.signal);
    expect(stopped.outcome.status).toBe('stopped');
    const resumed = await train(runDir, {}, {}, never, true);
    expect(resumed.outcome.status).toBe('finished');
    expect(resumed.checkpoint).toEqual({ ...whole.checkpoint, folder: resumed.outcome.checkpoint });
  },
);

test('validation by interval and after the last epoch; the history leaves out what was not measured', async () => {
  const { outcome } = await train(runDir, {}, { numEpochs: 4, valInterval: 2 });
  expect(outcome.history.map(({ val }) => Object.keys(val).length)).toEqual([1, 0, 1, 1]);
});

test('hooks run at epoch 0, by interval, and after the last epoch', async () => {
  const ran: number[] = [];
  const hook = {
    name: 'test',
    interval: 3,
    run: ({ epoch }: { epoch: number }) => Promise.resolve({ seen: ran.push(epoch) }),
  };
  const { logged } = await train(runDir, { hooks: [hook] }, { numEpochs: 5 });
  expect(ran).toEqual([0, 3, 4]);
  expect(logged.filter(({ metrics }) => 'seen' in metrics).map(({ point }) => point.epoch)).toEqual([0, 3, 4]);
});

test('a loss that is not finite: RunError with the tensor, last checkpoint kept', async () => {
  const failing = train(runDir, { train: batches(undefined, [1, 2]) }, { checkpointInterval: 1 });
  await expect(failing).rejects.toThrow(RunError);
  await expect(failing).rejects.toThrow(
    /Step 6 \(epoch 2\) .*l_global is NaN.*first tensor that is not finite is: images.*last checkpoint is kept: .*step-00000004/,
  );
  const { position } = await newestCheckpoint(join(runDir, 'checkpoints'), logger);
  expect(position).toEqual({ step: 4, epoch: 1, batch: 0 });
});

test('weights that an update made infinite are not saved', async () => {
  const scheduler = { epochs: 1, learningRate: (step: number) => (step === 3 ? Infinity : 0.1) };
  await expect(train(runDir, { scheduler }, { checkpointSteps: 1 })).rejects.toThrow(
    /Parameter weight is not finite after step 4; no checkpoint was written.*step-00000003/,
  );
});

describe('the collapse meter', () => {
  /** The global representation is that of the image, or the same for all images. */
  class WideModel extends TinyModel {
    constructor(private readonly isConstant: boolean) {
      super();
    }

    override forward(images: tf.Tensor4D): ModelOutputs {
      const pixels = tf.reshape<tf.Rank.R2>(images, [images.shape[0], 12]);
      return { ...super.forward(images), fGlobal: this.isConstant ? tf.add(tf.mul(pixels, 0), 2) : pixels };
    }
  }
  const settings = { step_interval: 2, max_vectors: 100 };

  test.each([
    ['a constant representation', true],
    ['a healthy one', false],
  ])('%s: measured in the steps that are due, with a warning where it has collapsed', async (_, isConstant) => {
    const warn = jest.fn<undefined, [string]>();
    const info = jest.fn<undefined, [string]>();
    const collapse = new CollapseMeter(settings, 0, { ...logger, warn, info });
    const { logged } = await train(runDir, { model: new WideModel(isConstant), collapse });
    const measured = logged.filter(({ metrics }) => 'collapse/global/std' in metrics);
    expect(measured.map(({ point }) => point.step)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(Object.keys(measured[0]!.metrics)).toEqual([
      'l_global/train',
      'lr',
      'collapse/global/std',
      'collapse/global/effective_rank',
    ]);
    expect(warn.mock.calls.map(([text]) => /^The global representation has collapsed.*At step 8/.test(text))).toEqual(
      isConstant ? [true] : [],
    );
    expect(info.mock.calls.filter(([text]) => text.startsWith('Representations: global std'))).toHaveLength(3);
  });

  test('changes nothing of the training', async () => {
    const plain = await train(mkdtempSync(join(runDir, 'plain-')));
    const measured = await train(runDir, { collapse: new CollapseMeter(settings, 0, logger) });
    expect(measured.checkpoint).toEqual({ ...plain.checkpoint, folder: measured.outcome.checkpoint });
  });
});

test('tensors do not pile up', async () => {
  await train(mkdtempSync(join(runDir, 'warm-')));
  const before = tf.memory().numTensors;
  await train(runDir, { collapse: new CollapseMeter({ step_interval: 1, max_vectors: 10 }, 0, logger) });
  // the optimizer of each run keeps its one state tensor
  expect(tf.memory().numTensors - before).toBe(1);
});
