import type { TrainingRun } from 'osc-trainer/sdk';
import { BestCheckpoint } from './best-checkpoint';

const logger = { error: jest.fn(), warn: jest.fn(), info: jest.fn<undefined, [string]>(), debug: jest.fn() };
beforeEach(() => {
  jest.clearAllMocks();
});

const saved: [name: string, step: number][] = [];
function runAt(step: number): TrainingRun {
  const run: Partial<TrainingRun> = {
    dir: '/runs/one',
    position: { step, epoch: 0 },
    metrics: { 'test/iou': { label: 'IoU', better: 'higher' } },
    evaluation: { epochInterval: 1, run: () => Promise.resolve({}) },
    saveCheckpoint: (name) => {
      saved.push([name, step]);
      return Promise.resolve(`/runs/one/checkpoints/${name}`);
    },
  };
  return run as TrainingRun;
}

const options = { metric: 'test/iou', mode: null, min_delta: 0 };

test('saves when the metric is better, and says so', async () => {
  saved.length = 0;
  const callback = new BestCheckpoint(options, logger);
  callback.onStart(runAt(0));
  for (const [step, value] of [0.25, 0.5, 0.4, 0.5, 0.75].entries()) {
    await callback.onEvaluationEnd(runAt(step), { 'test/iou': value });
  }
  expect(saved).toEqual([0, 1, 4].map((step) => ['best', step]));
  expect(logger.info.mock.calls.flat()).toEqual([
    'Best test/iou: 0.2500. Checkpoint checkpoints/best',
    'Best test/iou: 0.5000, 0.2500 before. Checkpoint checkpoints/best',
    'Best test/iou: 0.7500, 0.5000 before. Checkpoint checkpoints/best',
  ]);
  expect(callback.state()).toEqual({ values: { best: 0.75, step: 4 } });
});

test('knows the best one after a resume', async () => {
  saved.length = 0;
  const callback = new BestCheckpoint(options, logger);
  callback.loadState({ values: { best: 0.75, step: 4 } });
  callback.onStart(runAt(4));
  await callback.onEvaluationEnd(runAt(5), { 'test/iou': 0.7 });
  await callback.onEvaluationEnd(runAt(6), { 'test/iou': 0.8 });
  expect(saved).toEqual([['best', 6]]);
});

test('warns where the metric was never measured', async () => {
  const callback = new BestCheckpoint(options, logger);
  callback.onStart(runAt(0));
  await callback.onEpochEnd(runAt(1), { epoch: 0, train: {}, val: {}, last: true });
  expect(logger.warn).toHaveBeenCalledWith(expect.stringMatching(/test\/iou was never measured/));
});
