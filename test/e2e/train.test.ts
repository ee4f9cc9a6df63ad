/** `osc train` from end to end. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { parse } from 'yaml';
import { createPluginProject, type PluginProject } from './plugin-project';
import { runCli, runJson } from './run-cli';
import { checkpointsOf, resultOf, STEPS_PER_EPOCH, TINY, workingDirectory } from './training';

interface Summary {
  status: string;
  runDir: string;
  epochs: number;
  steps: number;
  losses: Record<string, { first: number; last: number }>;
  evaluations: Record<string, { first: number | null; last: number }>;
  imagesPerSecond: number;
  figures: string[];
}

const SEGMENTATION = [
  ...['test/iou/by_img_no_bg', 'test/dice/by_img_no_bg', 'test/ari', 'test/fg_ari', 'test/mbo', 'test/msc', 'test/sc'],
  ...['test/miou', 'test/found'],
];

const COLLAPSE = ['global/std', 'global/effective_rank', 'slots/std', 'slots/effective_rank', 'slots/similarity'].map(
  (name) => `collapse/${name}`,
);

interface Evaluations {
  step: number;
  epoch: number;
  evaluations: { evaluator: string; options: object; data: object; metrics: Record<string, number> }[];
}

function evaluationsAt(runDir: string, epoch: number): Evaluations {
  return JSON.parse(readFileSync(join(runDir, `evaluations/epoch-000${epoch + 1}.json`), 'utf8')) as Evaluations;
}

const place = workingDirectory();
const train = (...args: string[]): Promise<Summary> => runJson<Summary>(['train', ...TINY, ...args], place);

describe('a run', () => {
  let runDir: string;
  let stdout: string;
  let stderr: string;

  beforeAll(async () => {
    const result = await runCli(['train', ...TINY, 'logging.name=my run'], place);
    expect(result.code).toBe(0);
    ({ stdout, stderr } = result);
    const [date] = readdirSync(join(place.cwd!, 'outputs'));
    const [name] = readdirSync(join(place.cwd!, 'outputs', date!));
    expect(name).toMatch(/^\d\d-\d\d-\d\d_my-run$/);
    runDir = join(place.cwd!, 'outputs', date!, name!);
  });

  test('ends with losses, speed, where it lies and a figure', () => {
    expect(stdout).toMatch(/Trained 5 epochs, 40 steps in \d+s, \d+ images\/s/);
    for (const loss of ['l_global/train', 'l_objects/train', 'l_global/val', 'l_objects/val']) {
      expect(stdout).toMatch(new RegExp(`${loss} +\\d\\.\\d{4} +\\d\\.\\d{4}\n`));
    }
    for (const metric of ['IoU', 'ARI', 'FG-ARI', 'mBO', 'Objects found']) {
      expect(stdout).toMatch(new RegExp(`\n${metric} +-?\\d\\.\\d{4} +-?\\d\\.\\d{4}\n`));
    }
    expect(stdout).toContain(runDir.slice(place.cwd!.length + 1));
    for (const figure of ['segmentation', 'rollouts']) {
      expect(stdout).toMatch(new RegExp(`\nFigure +outputs/.*${figure}-epoch-0005\\.png\n`));
    }
  });

  test('logs plain lines where there is no terminal, in train.log and as JSON lines too', () => {
    expect(stderr).not.toContain('\x1b');
    expect(stderr).toMatch(/Train 1\/5: 64 images\n/);
    expect(stderr).toMatch(/Train 5\/5: 100%, 64\/64 images.*l_global \d\.\d+ l_objects \d\.\d+\n/);
    const text = readFileSync(join(runDir, 'train.log'), 'utf8');
    expect(text).toMatch(/Engine native: CPU, [\w-]+, \d+ threads?/);
    expect(text).toMatch(/engine\.name=auto took native: the fastest /);
    expect(text).toMatch(/backbone\.attn_blocks +\d/);
    expect(text).toMatch(/Epoch 5\/5: l_global train/);
    expect(text).toMatch(/Representations: global std 0\.\d+ of 0\.3536, .*; slots std .* similarity .* of 8\n/);
    const lines = readFileSync(join(runDir, 'train.log.jsonl'), 'utf8').trimEnd().split('\n');
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), message: expect.any(String) });
  });

  test('keeps the composed config with the drawn number of epochs, the overrides and the environment', () => {
    const config = parse(readFileSync(join(runDir, 'config.yaml'), 'utf8')) as Record<string, Record<string, unknown>>;
    expect(config).toMatchObject({
      model: { backbone: { name: 'vit', embed_dim: 8 } },
      training: { num_epochs: 5 },
      other: { seed: 1 },
      logging: { name: 'my run' },
    });
    const overrides = parse(readFileSync(join(runDir, 'overrides.yaml'), 'utf8')) as { overrides: string[] };
    expect(overrides.overrides).toContain('model.backbone.embed_dim=8');
    const { sessions } = JSON.parse(readFileSync(join(runDir, 'environment.json'), 'utf8')) as { sessions: unknown[] };
    expect(sessions).toEqual([
      expect.objectContaining({
        versions: { node: process.version, osc: expect.any(String), tfjs: '4.22.0' },
        engine: { name: 'native', threads: expect.any(Number), device: expect.any(String), why: expect.any(String) },
        seeds: { other: 1, train: 2, val: 6676759028237078, viz: 6676759028237078 },
      }),
    ]);
  });

  test('logs the metrics under their names, one line a step and one an epoch', () => {
    const lines = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);
    const steps = lines.filter((line) => 'lr' in line);
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    const ofStep = ['step', 'epoch', 'l_global/train', 'l_objects/train', 'lr', 'grad_norm'];
    expect(Object.keys(steps[1]!)).toEqual(ofStep);
    const measured = steps.filter((line) => 'collapse/global/std' in line);
    expect(measured.map(({ step }) => step)).toEqual([0, 20]);
    for (const line of measured) {
      expect(Object.keys(line)).toEqual([...ofStep, ...COLLAPSE]);
      expect(line['collapse/slots/effective_rank']).toBeGreaterThanOrEqual(1);
      expect(line['collapse/slots/effective_rank']).toBeLessThanOrEqual(8);
    }
    const ofMaps = ['slots/area_entropy', 'slots/in_use', 'slots/per_token', 'slots/agreement'];
    const looked = steps.filter((line) => 'slots/in_use' in line);
    expect(looked.map(({ step }) => step)).toEqual([7, 15, 23, 31, 39]);
    for (const line of looked) expect(Object.keys(line)).toEqual([...ofStep, ...ofMaps]);
    expect(steps[0]!.lr).toBeCloseTo(7e-14, 20);
    expect(steps[STEPS_PER_EPOCH]!.lr).toBeCloseTo(7e-4, 12);
    const validations = lines.filter((line) => 'l_global/val' in line);
    expect(validations).toHaveLength(5);
    expect(Object.keys(validations[0]!)).toEqual(['step', 'epoch', 'l_global/val', 'l_objects/val']);
    const tests = lines.filter((line) => 'test/fg_ari' in line);
    expect(tests.map(({ epoch }) => epoch)).toEqual([0, 4]);
    expect(Object.keys(tests[0]!).filter((name) => /blind|untrained|ceiling|num_objects/.test(name))).toEqual([]);
    expect(Object.keys(tests[0]!).slice(0, 2 + SEGMENTATION.length)).toEqual(['step', 'epoch', ...SEGMENTATION]);
    expect(lines).toHaveLength(steps.length + validations.length + tests.length);
  });

  test('keeps what was measured on the test split with the settings it was measured with', () => {
    expect(readdirSync(join(runDir, 'evaluations'))).toEqual(['epoch-0001.json', 'epoch-0005.json']);
    const { evaluations, ...point } = evaluationsAt(runDir, 4);
    expect(point).toEqual({ step: 40, epoch: 4 });
    expect(evaluations).toEqual([
      {
        evaluator: 'segmentation',
        options: { attention: 'first', images_without_objects: 'skip', baselines: true },
        conclusion: expect.stringMatching(/^Objects: \d+ % found.* too few to tell\.$/),
        data: expect.objectContaining({ name: 'scenes', split: 'test', samples: 4, crop_size: [16, 16], num_test: 4 }),
        metrics: expect.any(Object),
        descriptions: expect.objectContaining({
          'test/mbo': {
            ...{ label: 'mBO', better: 'higher', headline: true },
            table: { row: 'attention, first', column: 'mBO' },
          },
        }),
      },
    ]);
    const { metrics } = evaluations[0]!;
    expect(Object.keys(metrics).slice(0, SEGMENTATION.length)).toEqual(SEGMENTATION);
    for (const [name, value] of Object.entries(metrics)) {
      if (name !== 'test/num_objects') expect(value).toBeLessThanOrEqual(1);
      expect(value).toBeGreaterThanOrEqual(name.endsWith('ari') ? -1 : 0);
    }
  });

  test('writes checkpoints when due and keeps the newest two', () => {
    expect(checkpointsOf(runDir).map((path) => path.slice(runDir.length))).toEqual([
      '/checkpoints/epoch-0005_step-00000040',
      '/checkpoints/epoch-0001_step-00000008',
    ]);
    expect(readdirSync(checkpointsOf(runDir)[0]!).sort()).toEqual([
      'model.safetensors',
      'optimizer.safetensors',
      'state.json',
    ]);
  });

  test('draws the grid of test scenes and the rollouts at the first and last epoch', async () => {
    expect(readdirSync(join(runDir, 'figures'))).toEqual([
      'rollouts-epoch-0001.png',
      'rollouts-epoch-0005.png',
      'segmentation-epoch-0001.png',
      'segmentation-epoch-0005.png',
    ]);
    const { width, height, format } = await sharp(join(runDir, 'figures/segmentation-epoch-0005.png')).metadata();
    // input, 11 slots, their segmentation, truth; four scenes below captions
    expect({ width, height, format }).toEqual({ width: 14 * 100 + 4, height: 26 + 4 * 100, format: 'png' });
    const rollouts = await sharp(join(runDir, 'figures/rollouts-epoch-0005.png')).metadata();
    // input, backbone, global, 11 slots; two rows for each of two crops of four images
    expect([rollouts.width, rollouts.height]).toEqual([14 * 100 + 4, 26 + 16 * 100]);
  });

  test('--resume of a finished run says so by doing nothing more', async () => {
    const before = resultOf(runDir);
    const { stdout: text, code } = await runCli(['train', '--resume', runDir], place);
    expect({ text, code }).toMatchObject({
      text: expect.stringContaining('Nothing left to train: 5 epochs, 40 steps are done'),
      code: 0,
    });
    expect(resultOf(runDir)).toEqual(before);
  });
});

describe('the same seeds give the same bytes', () => {
  test('whatever the number of workers', async () => {
    const [alone, again, withWorkers] = [
      await train(),
      await train(),
      await runJson<Summary>(
        ['train', ...TINY.filter((text) => !text.includes('num_workers')), 'data.num_workers=2'],
        place,
      ),
    ];
    expect(resultOf(again.runDir)).toEqual(resultOf(alone.runDir));
    expect(resultOf(withWorkers.runDir)).toEqual(resultOf(alone.runDir));
  });

  test('other seeds give others, and seeds that are not given are drawn and saved', async () => {
    const noSeed = TINY.filter((text) => !text.includes('seed'));
    const first = await runJson<Summary>(['train', ...noSeed], place);
    const second = await runJson<Summary>(['train', ...noSeed], place);
    expect(resultOf(first.runDir).model.equals(resultOf(second.runDir).model)).toBe(false);
    const { other, data } = parse(readFileSync(join(first.runDir, 'config.yaml'), 'utf8')) as {
      other: { seed: number };
      data: { train: { seed: number } };
    };
    const repeated = await runJson<Summary>(
      ['train', ...noSeed, `other.seed=${other.seed}`, `data.train.seed=${data.train.seed}`],
      place,
    );
    expect(resultOf(repeated.runDir)).toEqual(resultOf(first.runDir));
  });
});

test('what is measured of the training images is saved in its place, and not measured where nothing is trained', async () => {
  const from = 'data.normalize.from_data=rows';
  const { runDir } = await train('training.num_epochs=1', from);
  const { data } = parse(readFileSync(join(runDir, 'config.yaml'), 'utf8')) as { data: Record<string, unknown> };
  expect(data).toMatchObject({ crop_size: [16, 16], normalize: { from_data: null, rows: { length: 16 } } });
  const evaluate = await runCli(['evaluate', runDir, from], place);
  expect(evaluate).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is measured as training starts') as string,
  });
});

test.each([
  ['--plugin', 'kmeans_euclidean'],
  ['model/obj_queries=kmeans_cosine', 'model.obj_queries.num_objects=4'],
  ['model/obj_queries=sample', 'model.obj_queries.num_components=3'],
  ['model/obj_fn=cross_attention', 'model.obj_fn.{block_drop,block_attn_drop,drop_path}=0.1'],
  ['model/obj_fn=co_attention', 'model.obj_fn.pos_embed=learned'],
  ['losses/l_global=sim', 'losses/l_objects=sim_img'],
  ['losses/l_objects=ctr_all'],
  ['model=vit_global', 'losses/l_objects=none'],
  ['model=vit_global_obj'],
  ['model.obj_fn.pos_embed=backbone', 'model.backbone.block_drop=0.1', 'model.backbone.drop_path=0.1'],
  ['model.obj_queries={noise: 1, init: xavier}', 'model.obj_fn.gradient=last', 'model.backbone.pos_embed.init=sine'],
  ['+losses=more_objects', 'engine.name=cpu', 'training.num_epochs=1'],
])('trains with %s %s', async (...args) => {
  const { status, losses, evaluations, figures, runDir } = await train(...args.filter(Boolean));
  expect(status).toBe('finished');
  for (const { first, last } of Object.values(losses))
    expect(Number.isFinite(first) && Number.isFinite(last)).toBe(true);
  const hasSlots = args[0] !== 'model=vit_global';
  const drawn = new Set(figures.map((figure) => /([a-z]+)-epoch-\d+\.png$/.exec(figure)![1]!));
  expect([...drawn].sort()).toEqual(hasSlots ? ['rollouts', 'segmentation'] : ['rollouts']);
  // by default the test of the slots is left out where there are none
  expect(Object.keys(evaluations).slice(0, SEGMENTATION.length)).toEqual(hasSlots ? SEGMENTATION : []);
  expect(existsSync(join(runDir, 'evaluations'))).toBe(hasSlots);
});

test('the last attention instead of the first, and what a resumed run measured before', async () => {
  const evaluators = 'data.test.evaluators=[{name: segmentation, attention: last}]';
  const { runDir, evaluations } = await train('data.test.epoch_interval=1', 'training.num_epochs=2', evaluators);
  const [first, second] = [0, 1].map((epoch) => evaluationsAt(runDir, epoch).evaluations[0]!);
  expect(first).toMatchObject({ options: { attention: 'last' } });
  expect(evaluations['test/mbo']).toMatchObject({
    first: first!.metrics['test/mbo'],
    last: second!.metrics['test/mbo'],
  });
  const other = await train('data.test.epoch_interval=1', 'training.num_epochs=2');
  expect(other.evaluations['test/mbo']).not.toEqual(evaluations['test/mbo']);
  const resumed = await runJson<Summary>(['train', '--resume', runDir, 'training.num_epochs=3'], place);
  expect(resumed.evaluations['test/mbo']).toMatchObject({
    first: evaluations['test/mbo']!.first,
    last: evaluationsAt(runDir, 2).evaluations[0]!.metrics['test/mbo'],
  });
});

test('questions and neighbours at every test, or after the last epoch alone, with their settings', async () => {
  const { runDir, evaluations } = await train(
    'data.test.epoch_interval=1',
    'training.num_epochs=2',
    'data.test.evaluators=[{name: vqa, pos_weight: 10, last_epoch_only: true}, {name: knn, k: 2}]',
    'data.test.vqa.num_epochs=30',
  );
  const [first, second] = [0, 1].map((epoch) => evaluationsAt(runDir, epoch).evaluations);
  expect(first!.map(({ evaluator }) => evaluator)).toEqual(['knn']);
  expect(second).toMatchObject([
    {
      evaluator: 'vqa',
      options: { seed: 759443315, num_epochs: 30, split: 0.75, pos_weight: 10 },
      data: { name: 'scenes', split: 'test', samples: 4, crop_size: [16, 16] },
    },
    { evaluator: 'knn', options: { k: 2, temperature: 0.07 } },
  ]);
  expect(evaluations['vqa/ap']).toEqual({
    first: null,
    last: second![0]!.metrics['vqa/ap'],
    description: { label: 'Questions, AP', better: 'higher', headline: true },
  });
  expect(evaluations['knn/vqa/map']!.first).toBe(first![0]!.metrics['knn/vqa/map']);
  // a saved config takes other options of the probe
  const resumed = await runJson<Summary>(
    ['train', '--resume', runDir, 'training.num_epochs=3', 'data.test.vqa.num_epochs=5'],
    place,
  );
  expect(evaluationsAt(runDir, 2).evaluations[0]).toMatchObject({ options: { num_epochs: 5, pos_weight: 10 } });
  expect(resumed.evaluations['vqa/ap']!.last).not.toBe(evaluations['vqa/ap']!.last);
});

describe('third-party plugins', () => {
  let project: PluginProject;
  beforeAll(() => {
    project = createPluginProject();
  });
  afterAll(() => {
    project.remove();
  });

  test.each([
    ['osc-plugin-even-tokens', 'even_tokens', 'osc-plugin-even-tokens'],
    ['osc-plugin-mean-token', 'mean_token', '@fixtures/osc-plugin-mean-token'],
  ])('object queries of %s, enabled in osc.config.ts, train by --plugin %s, and resume', async (fixture, name, pkg) => {
    project.install([fixture]);
    project.enable([pkg]);
    const at = { ...place, cwd: project.dir };
    const { runDir } = await runJson<Summary>(['train', ...TINY, '--plugin', name, 'training.num_epochs=1'], at);
    const config = parse(readFileSync(join(runDir, 'config.yaml'), 'utf8')) as { model: { obj_queries: unknown } };
    expect(config.model.obj_queries).toMatchObject({ name });
    const { sessions } = JSON.parse(readFileSync(join(runDir, 'environment.json'), 'utf8')) as {
      sessions: { plugins: { name: string }[] }[];
    };
    expect(sessions[0]!.plugins.map((plugin) => plugin.name)).toEqual([pkg]);
    const resumed = await runJson<Summary>(['train', '--resume', runDir, 'training.num_epochs=2'], at);
    expect(resumed.steps).toBe(2 * STEPS_PER_EPOCH);
  });
});

test('other.debug=true: three epochs of at most ten batches, everything every epoch, also where there are fewer', async () => {
  const { epochs, steps, figures } = await train('other.debug=true');
  expect({ epochs, steps, figures: figures.length }).toEqual({ epochs: 3, steps: 3 * STEPS_PER_EPOCH, figures: 6 });
});

test('evaluators run on the test split at epoch 0, by interval and at the end', async () => {
  const plugin = join(__dirname, 'fixtures/plugins/osc-plugin-visible');
  const evaluators = 'data.test.evaluators=[visible]';
  const { runDir, evaluations } = await train('--plugin', plugin, evaluators, 'data.test.epoch_interval=3');
  expect(evaluations['test/visible']).toMatchObject({ description: { label: 'Visible masks', headline: true } });
  expect(evaluations['test/slots']).not.toHaveProperty('description');
  const lines = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)
    .filter((line) => 'test/visible' in line);
  expect(lines.map(({ epoch }) => epoch)).toEqual([0, 3, 4]);
  for (const line of lines) {
    expect(line).toMatchObject({ 'test/slots': 11, 'test/all_seen': 1 });
    expect(line['test/visible']).toBeGreaterThanOrEqual(4); // background and at least 3 objects
  }
});

describe('bad input is told before work starts, and leaves nothing behind', () => {
  test.each([
    [['model.backbone.patch_size=[5,5]'], /patch/],
    [['model.backbone.num_heads=3'], /heads/],
    [['model/obj_fn=cross_attention', 'model.obj_fn.num_heads=3'], /heads of the object function/],
    [['training.batch_size=65'], /no full batch/],
    [['data.train.max_samples=100'], /has 64/],
    [['engine.name=nativ'], /There is no engine component "nativ"/],
    [['model.obj_queries=no_such_queries'], /no_such_queries/],
    [['model=vit_global'], /l_objects/],
    [
      ['model=vit_global', 'losses/l_objects=none', '--plugin', 'data.test.evaluators=segmentation'],
      /measures slots, and the model has none/,
    ],
    [['model=vit_global', 'losses/l_objects=none', 'data.test.evaluators=[segmentation]'], /measures slots/],
    [['--plugin', 'knn'], /20 nearest neighbours .* only 4 images/],
    [['--plugin', 'vqa', 'data.test.vqa.split=0.1'], /of 4 images a split of 0.1 leaves nothing/],
    [['--plugin', 'vqa', 'data.test.vqa.num_epochs=0'], /data\.test\.vqa\.num_epochs should be more than 0/],
    [['data.test.max_samples=5'], /has 4 samples|there are 4/],
    [['--resume', 'latest', 'optimizer.start_lr=1'], /There is no run under|cannot be used with --resume/],
    [['--run-dir', '.'], /not empty/],
    [['-m', 'training.batch_size=8,8'], /batch_size/],
  ])('%p', async (args, message) => {
    const { cwd, env } = workingDirectory();
    writeFileSync(join(cwd, 'notes.txt'), ''); // a folder that is not empty, for --run-dir
    const own = TINY.filter((text) => !args.some((arg) => arg.split('=')[0] === text.split('=')[0]));
    const base = args[0] === '--resume' ? [] : own;
    const result = await runCli(['train', ...base, ...args], { cwd, env });
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(2);
    expect(readdirSync(cwd)).toEqual(['notes.txt']);
  });

  test('CLEVR that is not there: the command that prepares it', async () => {
    const result = await runJson<{ error: { code: string; try: string[] } }>(
      ['train', `data.root=${join(place.cwd!, 'nowhere')}`],
      place,
    );
    expect(result.error.code).toBe('usage');
    expect(result.error.try.join('\n')).toContain('osc data prepare --data-root');
  });
});
