/** Callbacks of third parties, and those of the box, through whole, killed and resumed runs of the CLI. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runCli, runJson, startCli } from './run-cli';
import { checkpointsOf, resultOf, TINY, waitForSteps, workingDirectory, STEPS_PER_EPOCH } from './training';

const place = workingDirectory();

/** Writes a package of one callback; `source` is the body of its class. */
function writePlugin(name: string, options: string, source: string): string {
  const dir = join(place.cwd, `osc-plugin-${name}`);
  mkdirSync(dir);
  const component = { kind: 'callback', name, summary: `A callback: ${name}` };
  writeFileSync(
    join(dir, 'package.json'),
    JSON.stringify({
      name: `osc-plugin-${name}`,
      version: '1.0.0',
      type: 'module',
      oscPlugin: { apiVersion: 1, main: './index.js', components: [component] },
    }),
  );
  writeFileSync(
    join(dir, 'index.js'),
    `import { component, OPTIONS, z } from 'osc-trainer/sdk';
     export class Own {
       constructor(options) { this.options = options; }
       ${source}
     }
     component({ ...${JSON.stringify(component)}, options: z.strictObject({ ${options} }) }, [OPTIONS])(Own);
    `,
  );
  return `./osc-plugin-${name}`;
}

/** Takes the gradients of the backbone out for so many epochs. */
const FREEZE = [
  `epochs: z.int().positive().default(1).describe('epochs without training of the backbone')`,
  `onGradients({ position }, gradients) {
     if (position.epoch >= this.options.epochs) return;
     for (const [name, gradient] of [...gradients]) {
       if (!name.startsWith('backbone.')) continue;
       gradient.dispose();
       gradients.delete(name);
     }
   }`,
] as const;

/** Multiplies the weight of a loss after every step, and logs it; its own count is a state. */
const LOWER = [
  `key: z.string().default('l_objects').describe('key of the loss'),
   factor: z.number().positive().default(0.9).describe('part that a step leaves')`,
  `steps = 0;
   onStepEnd(run) {
     this.steps += 1;
     run.losses.get(this.options.key).weight *= this.options.factor;
     run.log({ 'lower/weight': run.losses.get(this.options.key).weight, 'lower/steps': this.steps });
   }
   state() { return { values: { steps: this.steps } }; }
   loadState({ values }) { this.steps = values.steps; }`,
] as const;

interface Line extends Readonly<Record<string, number>> {
  readonly step: number;
}

const linesOf = (runDir: string): Line[] =>
  readFileSync(join(runDir, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('third parties: one freezes the backbone for the first epoch, one lowers the weight of a loss', () => {
  const EPOCHS = 3;
  const args: string[] = [
    ...TINY,
    `training.num_epochs=${EPOCHS}`,
    'data.viz.max_samples=0',
    'training.keep_checkpoints=99',
  ];
  const whole = join(place.cwd, 'whole');

  beforeAll(async () => {
    const packages = [writePlugin('freeze-backbone', ...FREEZE), writePlugin('lower-weight', ...LOWER)];
    args.push(...[...packages, 'freeze-backbone', 'lower-weight'].flatMap((name) => ['--plugin', name]));
    await runJson(['train', ...args, 'training.checkpoint_steps=1', '--run-dir', whole], place);
  });

  test('the backbone is left as it is for an epoch, and trained after it; all else is trained from the start', () => {
    const weights = checkpointsOf(whole)
      .map((folder) => ({ step: Number(basename(folder).split('step-')[1]), ...split(folder) }))
      .sort((a, b) => a.step - b.step);
    const at = (step: number) => weights.find((one) => one.step === step)!;
    for (let step = 2; step <= STEPS_PER_EPOCH; step++) {
      expect(at(step).backbone.equals(at(1).backbone)).toBe(true);
      expect(at(step).others.equals(at(step - 1).others)).toBe(false);
    }
    for (let step = STEPS_PER_EPOCH + 1; step <= EPOCHS * STEPS_PER_EPOCH; step++) {
      expect(at(step).backbone.equals(at(step - 1).backbone)).toBe(false);
    }
  });

  test('the weight of the loss falls with every step', () => {
    const logged = linesOf(whole).filter((line) => 'lower/weight' in line);
    expect(logged.map((line) => line['lower/steps'])).toEqual(logged.map(({ step }) => step + 1));
    let weight = 1;
    expect(logged.map((line) => line['lower/weight'])).toEqual(logged.map(() => (weight *= 0.9)));
    expect(logged).toHaveLength(EPOCHS * STEPS_PER_EPOCH);
  });

  // in the frozen epoch, at its end, and after it; checkpoints of the killed ones do not fall on epochs
  test.each([5, 8, 13])(
    'killed after step %i and resumed: the same model, optimizer, state and metrics',
    async (steps) => {
      const runDir = join(place.cwd, `killed-${steps}`);
      const { child, done } = startCli(['train', ...args, 'training.checkpoint_steps=3', '--run-dir', runDir], place);
      await waitForSteps(runDir, steps, done);
      child.kill('SIGKILL');
      expect((await done).signal).toBe('SIGKILL');
      await runJson(['train', '--resume', runDir, '--trust-plugins'], place);
      expect(resultOf(runDir)).toEqual(resultOf(whole));
      const state = (run: string): unknown => {
        const { callbacks, lossWeights } = JSON.parse(
          readFileSync(join(checkpointsOf(run)[0]!, 'state.json'), 'utf8'),
        ) as Record<string, unknown>;
        return { callbacks, lossWeights };
      };
      expect(state(runDir)).toEqual(state(whole));
    },
  );
});

/** Bytes of the tensors of the backbone, and of all others, of a checkpoint's model. */
function split(folder: string): { backbone: Buffer; others: Buffer } {
  const bytes = readFileSync(join(folder, 'model.safetensors'));
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, { data_offsets?: [number, number] }>;
  const parts = { backbone: [] as Buffer[], others: [] as Buffer[] };
  for (const [name, { data_offsets: at }] of Object.entries(header)) {
    if (at === undefined) continue;
    parts[name.startsWith('backbone.') ? 'backbone' : 'others'].push(bytes.subarray(start + at[0], start + at[1]));
  }
  expect(parts.backbone.length).toBeGreaterThan(3);
  return { backbone: Buffer.concat(parts.backbone), others: Buffer.concat(parts.others) };
}

describe('of the box: averaged weights, the best checkpoint, an early end', () => {
  const runDir = join(place.cwd, 'boxed');
  // nothing is better by 99: two validations after the first one training ends
  const args = [
    ...TINY,
    'training.num_epochs=9',
    'data.viz.max_samples=0',
    'optimizer.start_lr=0.01',
    ...['ema', 'best-checkpoint', 'early-stopping'].flatMap((name) => ['--plugin', name]),
    'training.ema.decay=0.5',
    'training.evaluation.weights=ema',
    'training.early-stopping.min_delta=99',
    'training.early-stopping.patience=2',
  ];

  let summary: { epochs: number; stopReason: string; status: string };
  beforeAll(async () => {
    summary = (await runJson(['train', ...args, '--run-dir', runDir], place)) as typeof summary;
  });

  test('training ends early, says why, and has nothing left to do', async () => {
    expect(summary).toMatchObject({ status: 'finished', epochs: 3 });
    expect(summary.stopReason).toMatch(/^l_global\/val was best at .* no better in the last 2 measurements/);
    const { code, stdout } = await runCli(['train', '--resume', runDir], place);
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toContain('Nothing left to train: 3 epochs');
    expect(stdout).toContain(`Ended early: ${summary.stopReason}`);
  });

  test('the last epoch was tested, with the averaged weights', () => {
    const file = join(runDir, 'evaluations', 'epoch-0003.json');
    const { evaluations } = JSON.parse(readFileSync(file, 'utf8')) as { evaluations: { weights: string }[] };
    expect(evaluations.map(({ weights }) => weights)).toEqual(evaluations.map(() => 'ema'));
    expect(evaluations.length).toBeGreaterThan(0);
  });

  test('osc evaluate: the averaged weights give what was tested while training, the best checkpoint can be tested', async () => {
    interface Evaluated {
      readonly metrics: Readonly<Record<string, number>>;
      readonly weights: string | null;
      readonly step: number;
    }
    const evaluated = (await runJson(['evaluate', runDir, '--weights', 'ema'], place)) as Evaluated;
    expect(evaluated).toMatchObject({ weights: 'ema', step: 24 });
    const tested = linesOf(runDir).findLast((line) => Object.keys(evaluated.metrics)[0]! in line)!;
    expect(tested).toHaveProperty(['test/ari']);
    // trackers are not given the baselines
    const { epoch } = tested;
    expect({ ...evaluated.metrics, step: 24, epoch }).toMatchObject(tested);

    const best = join(runDir, 'checkpoints', 'best');
    expect(existsSync(best)).toBe(true);
    const ofBest = (await runJson(['evaluate', best], place)) as Evaluated;
    const validations = linesOf(runDir).filter((line) => 'l_global/val' in line);
    const lowest = validations.reduce((a, b) => (b['l_global/val']! < a['l_global/val']! ? b : a));
    expect(ofBest).toMatchObject({ weights: null, step: lowest.step });
  });

  test('osc export: other weights than those that were trained; a name that keeps none is a UsageError', async () => {
    const exported = async (...flags: string[]): Promise<Buffer> => {
      const output = join(place.cwd, `weights-${flags.length}.safetensors`);
      await runJson(['export', runDir, '--format', 'safetensors', '--output', output, ...flags], place);
      return readFileSync(output);
    };
    const [trained, averaged] = [await exported(), await exported('--weights', 'ema')];
    expect(averaged.length).toBe(trained.length);
    expect(averaged.equals(trained)).toBe(false);
    const { code, stderr } = await runCli(['export', runDir, '--format', 'safetensors', '--weights', 'swa'], place);
    expect(code).toBe(2);
    expect(stderr).toMatch(/has no weights "swa". Beside those that were trained it has ema\./);
  });
});

test('a metric that there is none of: told before the first step, with those there are', async () => {
  const { code, stderr } = await runCli(
    ['train', ...TINY, '--plugin', 'early-stopping', 'training.early-stopping.metric=l_object/val'],
    place,
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /no metric l_object\/val, which the callback early-stopping goes by.*Did you mean l_objects\/val\?/s,
  );
});

test('a method that is called like a moment and is none: a PluginError that lists the moments', async () => {
  const path = writePlugin('mistyped', '', 'onEpochEnded() {}');
  const { code, stderr } = await runCli(['train', ...TINY, '--plugin', path, '--plugin', 'mistyped'], place);
  expect(code).toBe(70);
  expect(stderr).toMatch(/mistyped of osc-plugin-mistyped has onEpochEnded, which is no moment of a run: onStart, /);
});
