import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { newestCheckpoint, type Checkpoint } from '../run';
import { RunError, type Callback, type MetricPoint, type Tracker } from '../sdk';
import { Callbacks } from './callbacks';
import { Objective } from './objective';
import { Trackers } from './trackers';
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
        yield await Promise.resolve({ images, size: 2, indices: Int32Array.of(0, 1) });
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

function listing(logged: Run['logged']): Tracker {
  return {
    start: () => Promise.resolve(),
    log: (metrics, point) => Promise.resolve(void logged.push({ metrics: { ...metrics }, point })),
    finish: () => Promise.resolve(),
  };
}

/** Callbacks by name, of the box. */
function named(callbacks: Readonly<Record<string, Callback>> = {}): Callbacks {
  const all = Object.entries(callbacks).map(([name, callback]) => ({ name, callback, packageName: null }));
  return new Callbacks(all, logger);
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
      objective: new Objective([makeLoss()]),
      optimizer: makeOptimizer(),
      scheduler: { epochs: 3, learningRate: (step) => 0.1 / (1 + step) },
      train: batches(),
      val: batches(),
      trackers: new Trackers([{ name: 'list', tracker: listing(logged) }], logger),
      callbacks: named(),
      evaluation: null,
      figures: null,
      logger,
      checkLog: () => undefined,
      progress: { start() {}, update() {}, stop() {} },
      ...over,
    },
    {
      runDir,
      name: 'test',
      imageSize,
      numEpochs: 3,
      accumulateBatches: 1,
      clipGradNorm: null,
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
  expect(steps[0]!.metrics).toEqual({
    'l_global/train': expect.any(Number) as number,
    lr: 0.1,
    grad_norm: expect.any(Number) as number,
  });
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

test('tensors do not pile up', async () => {
  await train(mkdtempSync(join(runDir, 'warm-')));
  const before = tf.memory().numTensors;
  await train(runDir);
  // the optimizer of each run keeps its one state tensor
  expect(tf.memory().numTensors - before).toBe(1);
});
