import type { EvaluationRequest, TrainingRun } from 'osc-trainer/sdk';
import { EvaluationCallback } from './evaluation';

const asked: (EvaluationRequest | undefined)[] = [];
beforeEach(() => {
  asked.length = 0;
});

function run(epochInterval = 3): TrainingRun {
  const partial: Partial<TrainingRun> = {
    callbacks: ['ema', 'evaluation'],
    evaluation: {
      epochInterval,
      run: (request) => {
        asked.push(request);
        return Promise.resolve({});
      },
    },
  };
  return partial as TrainingRun;
}

const end = (epoch: number, last = false) => ({ epoch, train: {}, val: {}, last });

test('tests after the first epoch, every so many, and after the last one', async () => {
  const callback = new EvaluationCallback({ weights: null });
  const due: number[] = [];
  for (let epoch = 0; epoch < 6; epoch++) {
    const before = asked.length;
    await callback.onEpochEnd(run(), end(epoch, epoch === 5));
    if (asked.length > before) due.push(epoch);
  }
  expect(due).toEqual([0, 3, 5]);
  expect(asked.map((request) => request?.last)).toEqual([false, false, true]);
});

test('tests the weights of another callback, which has to be there', async () => {
  const callback = new EvaluationCallback({ weights: 'ema' });
  callback.onStart(run());
  await callback.onEpochEnd(run(), end(0));
  expect(asked).toEqual([{ last: false, weights: 'ema' }]);
  expect(() => new EvaluationCallback({ weights: 'swa' }).onStart(run())).toThrow(
    'The weights of swa cannot be tested: training.callbacks has no swa. It has ema, evaluation.',
  );
});

test('does nothing where there is nothing to measure', async () => {
  await new EvaluationCallback({ weights: null }).onEpochEnd({ ...run(), evaluation: null }, end(0, true));
  expect(asked).toEqual([]);
});
