import type { TrainingRun } from 'osc-trainer/sdk';
import { FiguresCallback } from './figures';

test('draws after the first epoch, every so many, and after the last one', async () => {
  const draw = jest.fn(() => Promise.resolve());
  const run = { figures: { epochInterval: 2, draw } } as Partial<TrainingRun> as TrainingRun;
  const callback = new FiguresCallback();
  const due: number[] = [];
  for (let epoch = 0; epoch < 6; epoch++) {
    draw.mockClear();
    await callback.onEpochEnd(run, { epoch, train: {}, val: {}, last: epoch === 5 });
    if (draw.mock.calls.length > 0) due.push(epoch);
  }
  expect(due).toEqual([0, 2, 4, 5]);
  await callback.onEpochEnd({ ...run, figures: null }, { epoch: 0, train: {}, val: {}, last: true });
});
