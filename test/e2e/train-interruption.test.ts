/** Runs that are stopped, killed or find a broken checkpoint end as if nothing had happened. */
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, runJson, startCli, type CliResult } from './run-cli';
import { checkpointsOf, resultOf, stepsLogged, TINY, waitForSteps, workingDirectory } from './training';

const EPOCHS = 15;
const STEPS = EPOCHS * 8;
/** 3 does not divide 8: checkpoints fall into the middle of epochs, too. */
const ARGS = [...TINY, `training.num_epochs=${EPOCHS}`, 'training.checkpoint_steps=3', 'data.viz.max_samples=0'];

const place = workingDirectory();
let counter = 0;
const newRunDir = (): string => join(place.cwd, `run-${counter++}`);

/** Starts a run and sends signals once it has logged `steps` steps. */
async function interrupt(runDir: string, steps: number, ...signals: NodeJS.Signals[]): Promise<CliResult> {
  const { child, done } = startCli(['train', ...ARGS, '--run-dir', runDir], place);
  await waitForSteps(runDir, steps, done);
  for (const signal of signals) child.kill(signal);
  return done;
}

const resume = (runDir: string, ...args: string[]): Promise<CliResult> =>
  runCli(['train', '--resume', runDir, ...args], place);

let whole: ReturnType<typeof resultOf>;
beforeAll(async () => {
  const runDir = newRunDir();
  await runJson(['train', ...ARGS, '--run-dir', runDir], place);
  whole = resultOf(runDir);
  expect(whole.checkpoint).toBe(`/checkpoints/epoch-00${EPOCHS}_step-00000${STEPS}`);
});

/** Each case takes seconds: all of them are in CI, and `npm run chaos` has more. */
const isLong = process.env['CI'] === 'true';

/** In tenths of the run, so that together they lie everywhere in it; the last steps are left to the kill's delay. */
const TENTHS = isLong ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] : [0, 5];
const SIGNALS = (['SIGINT', 'SIGHUP', 'SIGTERM', 'SIGUSR1'] as const).slice(0, isLong ? 4 : 2);

test.each(TENTHS)('killed with SIGKILL at a random step (%i of 10) and resumed: the same bytes', async (tenth) => {
  const steps = Math.max(1, Math.floor(((tenth + Math.random()) * (STEPS - 30)) / 10));
  const runDir = newRunDir();
  const killed = await interrupt(runDir, steps, 'SIGKILL');
  expect(killed.signal).toBe('SIGKILL');
  if (checkpointsOf(runDir).length === 0) {
    // killed before the checkpoint of the third step, which is logged before it: nothing to go on from, and that is said
    expect(steps).toBeLessThanOrEqual(3);
    expect(await resume(runDir)).toMatchObject({ code: 1, stderr: expect.stringMatching(/no complete checkpoint/) });
    return;
  }
  const { code, stderr } = await resume(runDir);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(resultOf(runDir)).toEqual(whole);
});

test.each(SIGNALS)('%s: finishes the step, writes a checkpoint, exits with 75, and can be resumed', async (signal) => {
  const runDir = newRunDir();
  const stopped = await interrupt(runDir, 43, signal);
  expect(stopped.code).toBe(75);
  expect(stopped.stderr).toContain(`${signal}: stopping after this step`);
  expect(stopped.stdout).toMatch(/Stopped after \d+ epochs, \d+ steps/);
  const steps = stepsLogged(runDir);
  expect(steps).toBeLessThan(STEPS);
  expect(checkpointsOf(runDir)[0]).toMatch(new RegExp(`step-0*${steps}$`));
  expect((await resume(runDir)).code).toBe(0);
  expect(resultOf(runDir)).toEqual(whole);
});

test('a second signal stops at once, with 130', async () => {
  // steps of a second: the first signal is still waiting for the step when the second comes
  const runDir = newRunDir();
  const slow = ['model.backbone.num_layers=4', 'data.crop_size=[64,64]', 'training.batch_size=32'];
  const args = [...ARGS.filter((text) => !slow.some((other) => other.split('=')[0] === text.split('=')[0])), ...slow];
  const { child, done } = startCli(['train', ...args, '--run-dir', runDir], place);
  await waitForSteps(runDir, 2, done);
  child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGTERM');
  expect((await done).code).toBe(130);
});

describe('a broken newest checkpoint', () => {
  let stoppedRun: string;
  beforeAll(async () => {
    stoppedRun = newRunDir();
    expect((await interrupt(stoppedRun, 50, 'SIGINT')).code).toBe(75);
    expect(checkpointsOf(stoppedRun)).toHaveLength(2);
  });

  const copyOfRun = (): { runDir: string; newest: string } => {
    const runDir = newRunDir();
    cpSync(stoppedRun, runDir, { recursive: true });
    return { runDir, newest: checkpointsOf(runDir)[0]! };
  };

  test.each([
    [
      'truncated',
      (file: string) => {
        truncateSync(file, readFileSync(file).length - 100);
      },
    ],
    [
      'with a flipped bit',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(file, bytes);
      },
    ],
  ])('%s: the one before is used, with a warning, and the result is the same', async (_, damage) => {
    const { runDir, newest } = copyOfRun();
    damage(join(newest, 'model.safetensors'));
    const { code, stderr } = await resume(runDir);
    expect(code).toBe(0);
    expect(stderr).toContain(
      `Checkpoint ${newest} is broken and not used: model.safetensors does not match its checksum.`,
    );
    expect(resultOf(runDir)).toEqual(whole);
  });

  test('all broken: a RunError that says so', async () => {
    const { runDir } = copyOfRun();
    for (const path of checkpointsOf(runDir)) writeFileSync(join(path, 'state.json'), '{}');
    const { code, stderr } = await resume(runDir);
    expect(code).toBe(1);
    expect(stderr).toMatch(/no complete checkpoint in .* All 2 are broken/);
  });

  test('a resumed run keeps its config; the project may have changed', async () => {
    const { runDir } = copyOfRun();
    const file = join(place.cwd, 'osc.config.json');
    writeFileSync(file, JSON.stringify({ optimizer: { start_lr: 1 } }));
    try {
      expect((await resume(runDir, 'data.num_workers=1', 'other.tqdm=false')).code).toBe(0);
    } finally {
      writeFileSync(file, '{}');
    }
    expect(resultOf(runDir)).toEqual(whole);
    const { code, stderr } = await resume(runDir, 'optimizer.start_lr=1');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('optimizer.start_lr=1') });
  });
});

test('what a killed process left half-written is cleared', async () => {
  const runDir = newRunDir();
  await interrupt(runDir, 20, 'SIGINT');
  const leftover = join(runDir, 'checkpoints', '.tmp-1-epoch-0009_step-00000070');
  cpSync(checkpointsOf(runDir)[0]!, leftover, { recursive: true });
  appendFileSync(join(runDir, 'train.log.jsonl'), '{"level":"info","mess');
  expect((await resume(runDir)).code).toBe(0);
  expect(existsSync(leftover)).toBe(false);
  const lines = readFileSync(join(runDir, 'train.log.jsonl'), 'utf8').trimEnd().split('\n');
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  expect(readdirSync(join(runDir, 'checkpoints'))).toHaveLength(2);
  expect(resultOf(runDir)).toEqual(whole);
});
