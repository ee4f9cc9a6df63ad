import { createProgress, formatDuration } from './progress';

function recorder(isTTY: boolean): { text: () => string; write: (text: string) => boolean; isTTY: boolean } {
  let all = '';
  return {
    isTTY,
    write: (text) => {
      all += text;
      return true;
    },
    text: () => all,
  };
}

test('durations', () => {
  expect([0.4, 59, 60, 245, 3600, 7620].map(formatDuration)).toEqual(['0s', '59s', '1m00s', '4m05s', '1h00m', '2h07m']);
});

test('plain lines: at the start, every five seconds, at the end', () => {
  const stream = recorder(false);
  let now = 1000;
  const progress = createProgress({ json: false, stream: stream as never, now: () => now });
  progress.start('Generating scenes', 200, 'scenes');
  for (let done = 1; done <= 120; done++) {
    now += 100;
    progress.update(done);
  }
  progress.stop();
  progress.stop();
  expect(stream.text().split('\n')).toEqual([
    'Generating scenes: 200 scenes',
    'Generating scenes: 25%, 50/200 scenes, 10 scenes/s, 15s left',
    'Generating scenes: 50%, 100/200 scenes, 10 scenes/s, 10s left',
    'Generating scenes: 60%, 120/200 scenes, 10 scenes/s, 8s left',
    '',
  ]);
});

test('a second task ends the first', () => {
  const stream = recorder(false);
  let now = 0;
  const progress = createProgress({ json: false, stream: stream as never, now: () => now });
  progress.start('A', 2, 'files');
  now += 4000;
  progress.update(2);
  progress.start('B', 1.5, 'MB');
  progress.stop();
  expect(stream.text().split('\n')).toEqual([
    'A: 2 files',
    'A: 100%, 2/2 files, 0.5 files/s, took 4s',
    'B: 1.5 MB',
    'B: 0%, 0/1.5 MB',
    '',
  ]);
});

test('a bar on a terminal, with rate and time', () => {
  const stream = recorder(true);
  let now = 0;
  const progress = createProgress({ json: false, stream: stream as never, now: () => now });
  progress.start('Splitting', 4, 'MB');
  now += 2000;
  progress.update(4);
  progress.stop();
  expect(stream.text()).toContain('Splitting ░░░');
  expect(stream.text()).toContain(`Splitting ${'█'.repeat(8)} 100% | 4/4 MB | 2 MB/s | took 2s`);
  expect(stream.text()).toMatch(/\n$/);
});

test('nothing with --json', () => {
  const stream = recorder(true);
  const progress = createProgress({ json: true, stream: stream as never });
  progress.start('A', 2, 'files');
  progress.update(1);
  progress.stop();
  expect(stream.text()).toBe('');
});
