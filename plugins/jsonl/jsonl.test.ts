import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestOf } from 'osc-trainer/sdk';
import { testComponent } from 'osc-trainer/sdk/testing';
import { JsonlTracker } from './jsonl';

const run = (dir: string, firstStep = 0, firstEpoch = 0) => ({ dir, name: 'test', config: {}, firstStep, firstEpoch });
const lines = (dir: string): unknown[] =>
  readFileSync(join(dir, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

testComponent(JsonlTracker);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'osc-jsonl-'));
});

test.each(['config.yaml', 'environment.json', 'train.log.jsonl', '../m.jsonl', 'm'])(
  'the file %s is not its own',
  (file) => {
    expect(manifestOf(JsonlTracker)!.options.safeParse({ file }).success).toBe(false);
  },
);

test('one line a call, readable at once', async () => {
  const tracker = new JsonlTracker({ file: 'metrics.jsonl' });
  await tracker.start(run(dir));
  await tracker.log({ 'l_global/train': 1.5, lr: 1e-4 }, { step: 0, epoch: 0 });
  expect(lines(dir)).toEqual([{ step: 0, epoch: 0, 'l_global/train': 1.5, lr: 1e-4 }]);
  await tracker.finish();
});

test('a resumed run drops what it will log again, and a line cut off by a kill', async () => {
  const old = [
    { step: 0, epoch: 0 },
    { step: 1, epoch: 0 },
    { step: 2, epoch: 0, 'l_global/val': 1 }, // end of epoch 0
    { step: 2, epoch: 1 },
    { step: 3, epoch: 1 },
  ];
  writeFileSync(join(dir, 'metrics.jsonl'), `${old.map((line) => JSON.stringify(line)).join('\n')}\n{"step":4,"ep`);
  const tracker = new JsonlTracker({ file: 'metrics.jsonl' });
  await tracker.start(run(dir, 3, 1));
  await tracker.log({}, { step: 3, epoch: 1 });
  await tracker.finish();
  expect(lines(dir)).toEqual([...old.slice(0, 4), { step: 3, epoch: 1 }]);
});

test('a file of many megabytes is kept line by line', async () => {
  const many = Array.from({ length: 60_000 }, (_, step) => JSON.stringify({ step, epoch: 0, loss: 1 / (step + 1) }));
  const path = join(dir, 'metrics.jsonl');
  writeFileSync(path, `${many.join('\n')}\n`);
  const tracker = new JsonlTracker({ file: 'metrics.jsonl' });
  await tracker.start(run(dir, 59_998, 1000));
  await tracker.finish();
  expect(readFileSync(path, 'utf8')).toBe(`${many.join('\n')}\n`);
  await tracker.start(run(dir, 59_998, 0));
  await tracker.finish();
  expect(readFileSync(path, 'utf8')).toBe(`${many.slice(0, 59_998).join('\n')}\n`);
});

test('the class says what it is', () => {
  expect(manifestOf(JsonlTracker)).toMatchObject({ kind: 'tracker', name: 'jsonl' });
});
