/** osc train --replay: a finished run trained again, and told whether it gave the same weights. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, runJson } from './run-cli';
import { TINY, resultOf, workingDirectory } from './training';

const place = workingDirectory();
const run = join(place.cwd, 'run');
// what a run may keep beside its last weights makes no difference
const ARGS = [
  ...TINY,
  'training.num_epochs=2',
  'training.keep_checkpoints=1',
  '--plugin',
  'ema',
  '--plugin',
  'best-checkpoint',
  'data.viz.max_samples=0',
];

beforeAll(async () => {
  await runJson(['train', ...ARGS, '--run-dir', run], place);
});

test('the same weights and metrics: code 0', async () => {
  const { stdout, code } = await runCli(
    ['train', '--replay', 'run', '--run-dir', 'again', 'data.num_workers=1'],
    place,
  );
  expect(stdout).toMatch(
    new RegExp(`\\nEqual to the bit: \\d+ tensors of model, losses and optimizer are those of ${run}\\.\\n$`),
  );
  expect(code).toBe(0);
  expect(resultOf(join(place.cwd, 'again'))).toEqual(resultOf(run));
  const { sessions } = JSON.parse(readFileSync(join(place.cwd, 'again/environment.json'), 'utf8')) as {
    sessions: { ended: object }[];
  };
  expect(sessions).toMatchObject([{ ended: { status: 'finished', seconds: expect.any(Number) } }]);
});

test('a config that was changed gives others: told with what differs, code 3', async () => {
  const tampered = join(place.cwd, 'tampered');
  cpSync(run, tampered, { recursive: true });
  const file = join(tampered, 'config.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('start_lr: 0.0007', 'start_lr: 0.0008'));
  const environment = join(tampered, 'environment.json');
  writeFileSync(environment, readFileSync(environment, 'utf8').replace(/"node": ".*"/, '"node": "v1.2.3"'));
  const { stdout, code } = await runCli(['train', '--replay', 'tampered'], place);
  expect(stdout).toMatch(
    /\nNOT EQUAL: \d+ of \d+ tensors of model, losses and optimizer are not those of .*tampered\.\n/,
  );
  expect(stdout).toMatch(/\nThe first loss that differs is l_global\/train of epoch 1: [\d.]+, and was [\d.]+\.\n/);
  expect(stdout).toMatch(
    /\nVALUES THAT DIFFER +LARGEST DIFFERENCE +TENSOR\n384 of 384 +0\.000\d+ +model backbone\.patch_emb/,
  );
  expect(stdout).toMatch(/\nENVIRONMENT +OF THE RUN +NOW\nNode +v1\.2\.3 +v\d+\.\d+\.\d+\n$/);
  expect(stdout).toMatch(/\nRun +outputs\/.*-replay\n/);
  expect(code).toBe(3);
});

test('flags that contradict: refused, and nothing is made', async () => {
  const args = ['train', '--replay', 'run', '--run-dir', 'none'];
  for (const [more, message] of [
    [['--resume', 'run'], /cannot be used together/],
    [['optimizer.start_lr=1'], /"optimizer.start_lr=1" cannot be used with --replay/],
  ] as const) {
    const { stderr, code } = await runCli([...args, ...more], place);
    expect({ stderr, code }).toMatchObject({ stderr: expect.stringMatching(message), code: 2 });
  }
  expect(existsSync(join(place.cwd, 'none'))).toBe(false);
});
