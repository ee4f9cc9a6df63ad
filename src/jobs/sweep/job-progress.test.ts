import type { JobProgress } from '../../launch';
import { jobProgress } from './job-progress';

test('epochs and the time left follow from what the trainer says, also of a run that is resumed in mid-epoch', () => {
  const told: JobProgress[] = [];
  let now = 0;
  const progress = jobProgress(
    (one) => told.push(one),
    () => now,
  );
  progress.start('Generating', 10, 'scenes');
  progress.update(5);
  expect(told).toEqual([]);

  progress.start('Train 3/4', 100, 'images', 50);
  now = 10_000;
  progress.update(100, 'l_global 1.5');
  expect(told.at(-1)).toEqual({ epochs: 3, of: 4, losses: 'l_global 1.5', secondsLeft: 20 });
  progress.stop();
  progress.start('Val 3/4', 10, 'images');
  now = 15_000; // tests between epochs count
  progress.update(10);
  expect(told).toHaveLength(1);

  progress.start('Train 4/4', 100, 'images');
  progress.update(0);
  expect(told.at(-1)).toEqual({ epochs: 3, of: 4, losses: '', secondsLeft: 30 });
  progress.update(100);
  expect(told.at(-1)).toMatchObject({ epochs: 4, secondsLeft: 0 });
});

test('as it begins it says nothing of the time left', () => {
  const told: JobProgress[] = [];
  const progress = jobProgress((one) => told.push(one));
  progress.start('Train 1/4', 100, 'images');
  progress.update(0, 'l_global 5');
  expect(told).toEqual([{ epochs: 0, of: 4, losses: 'l_global 5', secondsLeft: null }]);
});
