import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { newestCheckpoint } from '../run';
import { RunError, type Mode } from '../sdk';
import { chooseEngineForTest, TinyModel } from './testing-model.fixture';
import { batches, logger, never, NUM_BATCHES, train } from './train-for-test.fixture';

beforeAll(chooseEngineForTest);

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

test.each([1, 3])(
  'a pass knows how far training is, in batches, with %i of them a step; a validation does not',
  async (n) => {
    const modes: Mode[] = [];
    const model = new TinyModel();
    const forward = model.forward.bind(model);
    model.forward = (images: tf.Tensor4D, mode?: Mode) => {
      modes.push(mode!);
      return forward(images);
    };
    await train(runDir, { model }, { accumulateBatches: n });
    const training = modes.filter((mode) => mode.training);
    expect(training.map(({ progress }) => progress)).toEqual(Array.from({ length: 12 }, (_, i) => i / 12));
    expect(modes.length).toBeGreaterThan(12);
    expect(modes.filter((mode) => !mode.training && mode.progress !== undefined)).toEqual([]);
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
