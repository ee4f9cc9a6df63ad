/** The published multi-object data sets, from files written by TensorFlow, as a user looks at them and trains on them. */
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { runCli, runJson, type CliResult } from './run-cli';

const shared = join(__dirname, '../../../shared/data/multi_object_tiny');
const onShared = existsSync(shared) ? describe : describe.skip;

/** Overrides that choose a variant, its test file, and how many masks that has. */
const DATASETS = [
  ['multi_dsprites', [], 'multi_dsprites_colored_on_grayscale', 6],
  ['multi_dsprites', ['data.variant=colored_on_colored'], 'multi_dsprites_colored_on_colored', 5],
  ['multi_dsprites', ['data.variant=binarized'], 'multi_dsprites_binarized', 4],
  ['objects_room', [], 'objects_room_train', 7],
  ['objects_room', ['data.variant=six_objects'], 'objects_room_test_six_objects', 10],
  ['objects_room', ['data.variant=empty_room'], 'objects_room_test_empty_room', 4],
  ['objects_room', ['data.variant=identical_color'], 'objects_room_test_identical_color', 10],
  ['tetrominoes', [], 'tetrominoes_train', 4],
] as const;

const MODEL = [
  'model.backbone.embed_dim=8',
  'model.backbone.num_layers=1',
  'model.backbone.num_heads=2',
  'model.obj_queries.num_objects=4',
  'lr_scheduler=linear1_cosine4',
  'training.batch_size=2',
  'training.num_epochs=2',
  'other.seed=1',
  'data.train.seed=2',
];

const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'osc-multi-object-')));
const root = join(cwd, 'data');
afterAll(() => {
  rmSync(cwd, { recursive: true, force: true });
});

onShared('a data set as published', () => {
  beforeAll(() => {
    // copied: counts are kept beside the files
    for (const folder of ['multi_dsprites', 'objects_room', 'tetrominoes'])
      cpSync(join(shared, folder), join(root, folder), { recursive: true });
  });

  test.each(DATASETS)('osc train data=%s %s', async (name, overrides) => {
    const args = ['train', `data=${name}`, `data.root=${root}`, 'data.num_workers=0', ...MODEL, ...overrides];
    const summary = await runJson<{
      status: string;
      steps: number;
      evaluations: Record<string, { last: number }>;
      figures: string[];
    }>(args, { cwd });
    // six records: one for the test, one for validation, four in two batches
    expect(summary).toMatchObject({ status: 'finished', steps: 4 });
    expect(summary.figures).toHaveLength(4); // of each of the two epochs: segmentations and rollouts
    expect(summary.evaluations['test/ari']!.last).toBeGreaterThanOrEqual(-1);
    // no object is in an empty room, nor in that of the one test scene of the tiny training file
    const objects = !['objects_room', 'objects_room,data.variant=empty_room'].includes([name, ...overrides].join());
    expect('test/iou/by_img_no_bg' in summary.evaluations).toBe(objects);
  });

  test('in worker threads, too, to the same bytes', async () => {
    const losses = async (workers: number): Promise<object> =>
      (
        await runJson<{ losses: object }>(
          ['train', 'data=tetrominoes', `data.root=${root}`, ...MODEL, `data.num_workers=${workers}`],
          { cwd },
        )
      ).losses;
    expect(await losses(2)).toEqual(await losses(0));
  });

  test('osc data info tells what is in every file', async () => {
    const { files } = await runJson<{ files: { file: string; records: number; fields: object[] }[] }>(
      ['data', 'info', root],
      { cwd },
    );
    expect(files.map(({ file }) => file.slice(file.lastIndexOf('/') + 1)).sort()).toEqual(
      DATASETS.map(([, , file]) => `${file}.tfrecords`).sort(),
    );
    for (const { records, fields } of files) {
      expect(records).toBe(6);
      for (const field of fields) expect(field).toMatchObject({ shape: expect.any(Array), type: expect.any(String) });
    }
  });

  test.each(DATASETS)('osc data show: %s %s', async (name, _, file, numMasks) => {
    const path = join(root, name, `${file}.tfrecords`);
    const shown = await runJson<{ output: string; attributes: Record<string, unknown[]> }>(
      ['data', 'show', path, '--index', '1'],
      { cwd },
    );
    const side = name === 'tetrominoes' ? 35 : 64;
    const numBackground = name === 'objects_room' ? 4 : 1;
    expect(shown).toMatchObject({ height: side, width: side, numMasks, numBackground });
    for (const values of Object.values(shown.attributes)) expect(values).toHaveLength(numMasks);
    expect((await sharp(join(cwd, shown.output)).metadata()).format).toBe('png');
  });

  describe('what is wrong is told before work starts', () => {
    const train = (name: string, override: string, dataRoot = root): Promise<CliResult> =>
      runCli(['train', `data=${name}`, `data.root=${dataRoot}`, ...MODEL, override], { cwd });
    const expectUsage = (result: CliResult, ...parts: string[]): void => {
      expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: '' });
      for (const part of parts) expect(result.stderr).toContain(part);
    };

    test('a variant that is none, with the near name', async () => {
      expectUsage(
        await train('multi_dsprites', 'data.variant=binarised'),
        'data.variant should be one of colored_on_grayscale, colored_on_colored, binarized, not the text "binarised"',
        'Did you mean binarized?',
      );
    });

    test('patches that do not divide a crop of the size of the images', async () => {
      expectUsage(
        await train('tetrominoes', 'data.crop_size=[35,35]'),
        'Patches of 8×8 pixels do not divide a crop of 35×35.',
        'data.crop_size=[32,32]',
      );
    });

    test('a file that is not there, with the place where it is published', async () => {
      expectUsage(
        await train('objects_room', 'data.variant=six_objects', `${cwd}/none`),
        `${cwd}/none/objects_room/objects_room_test_six_objects.tfrecords`,
        'gs://multi-object-datasets/objects_room/objects_room_test_six_objects.tfrecords',
      );
    });

    test('more records for validation and test than there are', async () => {
      expectUsage(await train('tetrominoes', 'data.num_test=5'), 'none is left for training', 'data.num_test=null');
    });
  });
});
