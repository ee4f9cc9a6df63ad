import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { stringify } from 'yaml';
import { saveCheckpoint } from '../../run';
import { makeResults } from './make-results';

const LITERATURE = join(__dirname, '../../../docs/results/literature.yaml');

let folder: string;
let output: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-results-'));
  output = join(folder, 'page');
});

interface RunParts {
  readonly seed: number;
  readonly epochs?: number;
  readonly config?: object;
  /** By the number of finished epochs. */
  readonly iou?: Readonly<Record<number, number>>;
  readonly seconds?: number | null;
  readonly overrides?: readonly string[];
}

const NUM_EPOCHS = 2;

const describeMetric = (label: string, more: object = {}) => ({ label, better: 'higher', headline: false, ...more });

async function makeRun(
  name: string,
  { seed, epochs = NUM_EPOCHS, config = {}, iou = {}, seconds = 90, overrides = ['+exp=demo'] }: RunParts,
): Promise<string> {
  const run = join(folder, name);
  mkdirSync(join(run, 'evaluations'), { recursive: true });
  writeFileSync(
    join(run, 'config.yaml'),
    stringify({
      model: { backbone: { name: 'vit', embed_dim: 64 } },
      training: { num_epochs: NUM_EPOCHS },
      data: { train: { seed }, root: `/somewhere/${name}` },
      other: { seed },
      logging: { name },
      ...config,
    }),
  );
  writeFileSync(
    join(run, 'overrides.yaml'),
    stringify({ plugins: [], overrides: [...overrides, `other.seed=${seed}`] }),
  );
  const session = {
    started: '2026-01-02T03:04:05.000Z',
    versions: { node: 'v20', osc: '1.2.3' },
    engine: { name: 'native', threads: 2, device: 'CPU, AVX2' },
    plugins: [],
    command: ['train', ...overrides, `other.seed=${seed}`, '--run-dir', run, `data.root=${folder}/data`],
    oscGit: { commit: 'c0ffee'.padEnd(40, '0'), dirty: false },
    machine: { platform: 'linux-x64', cpu: 'A | CPU', cores: 2, memoryBytes: 1 },
    ended: seconds === null ? null : { status: 'finished', seconds },
  };
  writeFileSync(join(run, 'environment.json'), JSON.stringify({ sessions: [session] }));
  for (const [epoch, value] of Object.entries(iou)) {
    const metrics = { 'test/iou': value, 'test/grid/iou': 0.5, 'test/odd': 7 };
    const descriptions = {
      'test/iou': describeMetric('IoU', { headline: true, table: { row: 'attention', column: 'IoU' } }),
      'test/grid/iou': describeMetric('IoU of a grid', { baseline: true, table: { row: 'fixed grid', column: 'IoU' } }),
    };
    const evaluation = { evaluator: 'segmentation', options: {}, data: { name: 'scenes' }, metrics, descriptions };
    const point = { step: 8 * Number(epoch), epoch: Number(epoch) - 1, evaluations: [evaluation] };
    writeFileSync(join(run, `evaluations/epoch-000${epoch}.json`), JSON.stringify(point));
  }
  await saveCheckpoint(join(run, 'checkpoints'), {
    position: { step: 8 * epochs, epoch: epochs, batch: 0 },
    lossSums: {},
    history: Array.from({ length: epochs }, (_, epoch) => ({ epoch, train: { l_global: 3 - epoch }, val: {} })),
    lossWeights: {},
    pendingEpochEnd: null,
    stopReason: null,
    losses: new Map(),
    callbacks: { values: {}, tensors: new Map() },
    model: new Map(),
    optimizer: new Map(),
  });
  return run;
}

const make = (...runs: string[]) => makeResults({ runs, output, literature: LITERATURE });

/** Rows of the table below a heading, as cells. */
function rowsBelow(page: string, heading: string): string[][] {
  const lines = page.slice(page.indexOf(heading)).split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const rows = lines.slice(
    first,
    lines.findIndex((line, i) => i > first && !line.startsWith('|')),
  );
  return rows.filter((_, i) => i !== 1).map((row) => row.slice(2, -2).split(' | '));
}

const threeSeeds = () =>
  Promise.all(
    [0.2, 0.4, 0.9].map((last, i) =>
      makeRun(`seed-${i + 1}`, { seed: i + 1, iou: { 1: 0.1, 2: last }, seconds: 60 * (i + 1) }),
    ),
  );

test('seeds of one config: mean, sample deviation, n, every value, minutes', async () => {
  const { page, read, broken } = await make(...(await threeSeeds()));
  expect({ read, broken }).toEqual({ read: 3, broken: [] });
  expect(rowsBelow(page, '# Results')).toEqual([
    ['', 'trained', 'finished', 'IoU, attention', 'minutes'],
    ['1', '`+exp=demo`', '3 of 3', '0.500 ± 0.361', '2.0 ± 1.0'],
  ]);
  expect(rowsBelow(page, '## 1. `+exp=demo`')).toEqual([
    ['', 'IoU'],
    ['attention', '0.500 ± 0.361'],
    ['_fixed grid_', '0.500 ± 0.000'],
  ]);
  expect(rowsBelow(page, '### Every run')).toEqual([
    ['run', 'seeds', 'ended', 'minutes', 'IoU, attention'],
    ['`seed-1`', '1, 1', '2 epochs', '1.0', '0.200'],
    ['`seed-2`', '2, 2', '2 epochs', '2.0', '0.400'],
    ['`seed-3`', '3, 3', '2 epochs', '3.0', '0.900'],
  ]);
});

test('with what it was trained, and no path of the machine', async () => {
  const { page } = await make(await makeRun('one', { seed: 1 }));
  expect(page).toContain(
    '| `one` | 2026-01-02 | native, CPU, AVX2, 2 threads | A \\| CPU, 2 cores, linux-x64 | 1.2.3, c0ffee000000 | ' +
      '`osc train +exp=demo other.seed=1 data.root=data` |',
  );
  expect(page).not.toContain(tmpdir());
});

test('runs that differ in one option are two groups, told apart', async () => {
  const config = { model: { backbone: { name: 'vit', embed_dim: 32 } } };
  const { page } = await make(
    await makeRun('a', { seed: 1, iou: { 2: 0.3 } }),
    await makeRun('b', { seed: 1, iou: { 2: 0.7 }, config }),
    await makeRun('c', { seed: 2, iou: { 2: 0.5 } }),
  );
  expect(rowsBelow(page, '# Results').slice(1)).toEqual([
    ['1', '`+exp=demo (model.backbone.embed_dim=64)`', '2 of 2', '0.400 ± 0.141', '1.5 ± 0.0'],
    ['2', '`+exp=demo (model.backbone.embed_dim=32)`', '1 of 1', '0.700', '1.5'],
  ]);
});

test('a run that did not finish is listed and not counted', async () => {
  const { page } = await make(
    await makeRun('whole', { seed: 1, iou: { 1: 0.1, 2: 0.6 } }),
    await makeRun('half', { seed: 2, epochs: 1, iou: { 1: 0.1 }, seconds: null }),
  );
  expect(rowsBelow(page, '# Results')[1]).toEqual(['1', '`+exp=demo`', '1 of 2', '0.600', '1.5']);
  expect(rowsBelow(page, '### Every run').slice(1)).toEqual([
    ['`whole`', '1, 1', '2 epochs', '1.5', '0.600'],
    ['`half`', '2, 2', '**not finished**: 1 of 2 epochs', '–', '0.100'],
  ]);
});

test('how long a run took that does not say: from the times of its log, without the pause before it was resumed', async () => {
  const run = await makeRun('logged', { seed: 1, seconds: null });
  const line = (time: string, message: string) => JSON.stringify({ timestamp: `2026-01-02 ${time}`, message });
  const lines = [
    line('03:00:00', 'Run x'),
    line('03:01:00', 'a'),
    line('09:00:00', 'Resumed run x'),
    line('09:00:30', 'b'),
    '{"cut',
  ];
  writeFileSync(join(run, 'train.log.jsonl'), lines.join('\n'));
  expect(rowsBelow((await make(run)).page, '### Every run')[1]![3]).toBe('1.5');
});

test('a broken run is told with its name, and the others go on', async () => {
  const good = await makeRun('good', { seed: 1 });
  const bad = await makeRun('bad', { seed: 2 });
  writeFileSync(join(bad, 'evaluations/epoch-0001.json'), '{"step": 1}');
  const { page, read, broken } = await make(good, bad, join(folder, 'nowhere'));
  expect(read).toBe(1);
  expect(broken).toEqual([
    { name: 'bad', problem: expect.stringMatching(/epoch-0001\.json is damaged/) },
    { name: 'nowhere', problem: expect.stringMatching(/is no run/) },
  ]);
  expect(page).toMatch(/## Not read\n\n- `bad`: The file epoch-0001\.json is damaged\./);
  expect(page).not.toContain(folder);
  await expect(make(bad)).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining('bad: ') });
});

test('curves of all seeds, the figures of the run in the middle, and nothing of an earlier page', async () => {
  const runs = await threeSeeds();
  for (const run of runs) {
    mkdirSync(join(run, 'figures'));
    for (const epoch of [1, 2]) {
      const blue = { r: runs.indexOf(run), g: epoch, b: 200 };
      await sharp({ create: { width: 2, height: 2, channels: 3, background: blue } }).toFile(
        join(run, `figures/segmentation-epoch-000${epoch}.png`),
      );
    }
    writeFileSync(join(run, 'figures/fake-epoch-0001.png'), 'no picture');
    symlinkSync('/etc/hostname', join(run, 'figures/link-epoch-0001.png'));
  }
  mkdirSync(output);
  for (const file of ['07-old.png', 'logo.png']) writeFileSync(join(output, file), '');
  const { page } = await make(...runs);
  expect(readdirSync(output).sort()).toEqual([
    '01-figure-segmentation.png',
    '01-loss-l-global.png',
    '01-test-iou.png',
    'logo.png',
  ]);
  expect(page).toContain('![IoU (attention)](01-test-iou.png) | ![loss l\\_global, training](01-loss-l-global.png)');
  expect(page).toContain('Of `seed-2`, the run in the middle');
  expect(readFileSync(join(output, '01-figure-segmentation.png'))).toEqual(
    readFileSync(join(runs[1]!, 'figures/segmentation-epoch-0002.png')),
  );
});

test('what osc evaluate has measured since is added, of the same weights and images', async () => {
  const run = await makeRun('run', { seed: 1, iou: { 2: 0.6 } });
  const report = (step: number, name: string) => ({
    step,
    epoch: 2,
    weights: null,
    evaluations: [
      {
        evaluator: 'more',
        options: {},
        data: { name },
        metrics: { 'test/iou': 0.9, 'test/mbo': 0.25, 'test/grid/mbo': 0.1 },
        descriptions: {
          'test/iou': describeMetric('IoU', { table: { row: 'attention', column: 'IoU' } }),
          'test/mbo': describeMetric('mBO'),
          'test/grid/mbo': describeMetric('mBO of a grid', { baseline: true }),
        },
      },
    ],
  });
  for (const [hour, content] of [report(16, 'scenes'), report(8, 'scenes'), report(16, 'others')].entries()) {
    writeFileSync(join(run, `evaluations/evaluate-2026-01-02T0${hour}-00-00Z.json`), JSON.stringify(content));
  }
  const { page } = await make(run);
  expect(rowsBelow(page, '## 1.')).toEqual([
    ['', 'IoU'],
    ['attention', '0.600'],
    ['_fixed grid_', '0.500'],
  ]);
  expect(rowsBelow(page, '| measured besides')).toEqual([
    ['measured besides', ''],
    ['mBO', '0.250'],
  ]);
});

test('what others report, with where it stands', async () => {
  const { page } = await make(await makeRun('one', { seed: 1 }));
  const rows = rowsBelow(page, '## What others report');
  expect(rows).toContainEqual([
    'sim\\_img',
    'CLEVR10',
    'IoU',
    '43.0 ± 3.1 (n 6)',
    '`reference`',
    'slot attention, 4×4 patches, 256 channels',
  ]);
  expect(rows).toContainEqual(['Slot Attention', 'CLEVR6', 'FG-ARI', '98.8 ± 0.3 (n 5)', '`emami-2021`', '']);
  expect(page).toMatch(/- `emami-2021`: \[Emami et al\. 2021.*\]\(https:\/\/arxiv\.org\/abs\/2106\.03630\), Table 1/);
});

test('two runs of one name are told apart', async () => {
  const { page } = await make(await makeRun('x/run', { seed: 1 }), await makeRun('y/run', { seed: 2 }));
  expect(
    rowsBelow(page, '### Every run')
      .slice(1)
      .map(([name]) => name),
  ).toEqual(['`x/run`', '`y/run`']);
});
