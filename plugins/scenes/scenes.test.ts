import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestOf, silentProgress, type Progress, type RawRecord, type Sample } from 'osc-trainer/sdk';
import { decodeRecord } from 'osc-trainer/sdk/data';
import { Scenes } from './index';
import { options, type ScenesOptions } from './options';
import manifest from './package.json';
import { generateScene, sceneFields } from './scene';
import { RandomSource } from 'osc-trainer/sdk';

const SIZE: [number, number] = [48, 64];
let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'scenes-'));
});
afterEach(async () => {
  await rm(cache, { recursive: true });
});

function scenes(rest: Partial<ScenesOptions> = {}): Scenes {
  const small = { num_train: 5, num_val: 2, num_test: 3, image_size: SIZE, cache_dir: cache, threads: 1 };
  return new Scenes(options.parse({ ...small, ...rest }));
}

async function readAll(dataset: Scenes, split: 'train' | 'val' | 'test', from?: number): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  for await (const record of dataset.records(split, from)) records.push(record);
  return records;
}

/** Every file under the cache folder: its path there, modification time and bytes. */
async function files(): Promise<Record<string, { mtime: number; bytes: Buffer }>> {
  const found: Record<string, { mtime: number; bytes: Buffer }> = {};
  for (const name of await readdir(cache, { recursive: true })) {
    const file = join(cache, name);
    const { mtimeMs, isFile } = await stat(file).then((s) => ({ mtimeMs: s.mtimeMs, isFile: s.isFile() }));
    if (isFile) found[name] = { mtime: mtimeMs, bytes: await readFile(file) };
  }
  return found;
}

function recordedProgress(): Progress & { readonly log: (string | number)[] } {
  const log: (string | number)[] = [];
  return {
    log,
    start: (label, total, unit) => void log.push(`${label}: ${total} ${unit}`),
    update: (done) => void log.push(done),
    stop: () => void log.push('stop'),
  };
}

it('is what its package says', () => {
  const { kind, name, summary } = manifestOf(Scenes)!;
  expect(manifest.oscPlugin.components).toEqual([{ kind, name, summary }]);
});

describe('prepare', () => {
  it('generates the splits once, with progress', async () => {
    const first = recordedProgress();
    await scenes().prepare(first);
    expect(first.log).toEqual(['Generating scenes: 10 scenes', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 'stop']);
    const before = await files();
    expect(Object.keys(before)).toHaveLength(3);
    const second = recordedProgress();
    await scenes().prepare(second);
    expect(second.log).toEqual([]);
    expect(await files()).toEqual(before);
  });

  it('makes only what other numbers of scenes need, and the same scenes first', async () => {
    await scenes().prepare(silentProgress);
    const [short] = [await readAll(scenes(), 'val')];
    const progress = recordedProgress();
    const longer = scenes({ num_val: 4 });
    await longer.prepare(progress);
    expect(progress.log[0]).toBe('Generating scenes: 4 scenes');
    const long = await readAll(longer, 'val');
    expect(long.slice(0, 2).map(({ bytes }) => bytes)).toEqual(short.map(({ bytes }) => bytes));
  });

  it('keeps the scenes of other options apart', async () => {
    await scenes().prepare(silentProgress);
    for (const other of [{ seed: 1 }, { max_objects: 4 }, { image_size: [48, 48] as [number, number] }]) {
      await scenes(other).prepare(silentProgress);
    }
    expect(Object.keys(await files())).toHaveLength(12);
    await scenes({ threads: 2 }).prepare(silentProgress);
    expect(Object.keys(await files())).toHaveLength(12);
  });

  it('leaves nothing behind when it fails, and starts anew', async () => {
    const failing: Progress = {
      ...silentProgress,
      update: (done) => {
        if (done === 7) throw new Error('stopped half-way'); // in the second of the three splits
      },
    };
    await expect(scenes().prepare(failing)).rejects.toThrow('stopped half-way');
    const left = Object.keys(await files());
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/imgs_train_5\.tfrecords$/);
    await scenes().prepare(silentProgress);
    expect(Object.keys(await files())).toHaveLength(3);
  });

  it.each([
    ['emptied', () => Buffer.alloc(0), /imgs_train_5\.tfrecords ends after 0 of 5 scenes/],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 2000), /Record \d of .*imgs_train_5\.tfrecords is broken/],
  ])('a file of the cache that was %s is named, with what mends it', async (_, damage, message) => {
    await scenes().prepare(silentProgress);
    const file = join(
      cache,
      Object.keys(await files()).find((name) => name.includes('train'))!,
    );
    const whole = await readFile(file);
    await writeFile(file, damage(whole));
    const mend = [`rm ${file}    (its scenes are generated again)`];
    await expect(readAll(scenes(), 'train')).rejects.toMatchObject({
      name: 'RunError',
      message: expect.stringMatching(message),
      hints: expect.arrayContaining(mend),
    });
    const skipping = async (): Promise<void> => {
      for await (const record of scenes().records('train', 0, () => undefined)) void record;
    };
    await expect(skipping()).rejects.toMatchObject({ what: expect.stringContaining('ends after'), hints: mend });
    await rm(file);
    await scenes().prepare(silentProgress);
    expect(await readFile(file)).toEqual(whole);
  });

  it('is safe to run twice at once', async () => {
    await Promise.all([scenes().prepare(silentProgress), scenes().prepare(silentProgress)]);
    expect(Object.keys(await files())).toHaveLength(3);
    expect(await readAll(scenes(), 'train')).toHaveLength(5);
  });

  it('says what is wrong with numbers of objects before work starts', () => {
    expect(() => scenes({ min_objects: 6, max_objects: 4 })).toThrow(/min_objects \(6\) is more than .*\(4\)/);
  });
});

describe('records', () => {
  it('hold images in train and val, whole scenes in test: those of generateScene', async () => {
    const dataset = scenes();
    await dataset.prepare(silentProgress);
    const scene = { height: 48, width: 64, minObjects: 3, maxObjects: 10, minVisible: 200 };
    for (const split of ['train', 'val', 'test'] as const) {
      const samples = (await readAll(dataset, split)).map((record) => dataset.decode(record, split));
      expect(samples).toHaveLength(await dataset.size(split));
      samples.forEach((sample, index) => {
        const expected: Sample = generateScene(new RandomSource(0).scope(split), index, scene);
        const { image, height, width } = expected;
        expect(sample).toEqual(split === 'test' ? expected : { image, height, width });
      });
    }
  });

  it('begin where asked', async () => {
    const dataset = scenes();
    await dataset.prepare(silentProgress);
    const all = await readAll(dataset, 'train');
    expect(await readAll(dataset, 'train', 3)).toEqual(all.slice(3));
  });

  it('name file and record where they are not what their split holds', async () => {
    const dataset = scenes();
    await dataset.prepare(silentProgress);
    const [record] = await readAll(dataset, 'train');
    expect(() => dataset.decode(record!, 'test')).toThrow(/Record 0 of .*imgs_train_5\.tfrecords/);
  });
});

describe('variations', () => {
  it('are made by options of the data set, as few scenes as will be read', () => {
    for (const { name, current, levels } of scenes({ max_objects: 6 }).variations(9)) {
      expect(levels.map((level) => level.name)).not.toContain(current.name);
      for (const level of levels) {
        const parsed = options.parse({ ...options.parse({}), ...level.options });
        expect(parsed).toMatchObject({ num_train: 1, num_val: 1, num_test: 9 });
        expect(new Scenes(parsed).variations(9).find((one) => one.name === name)!.current).toEqual({
          name: level.name,
          value: level.value,
        });
      }
    }
  });

  it('know where the data set lies', () => {
    const currents = (rest: Partial<ScenesOptions>): string[] =>
      scenes(rest)
        .variations(1)
        .map(({ name, current }) => `${name}=${current.name}`);
    const rest = ['light=0', 'camera=0', 'ground=0', 'texture=0'];
    expect(currents({ max_objects: 6 })).toEqual(['objects=3-6', 'pairs=all', 'occlusion=chance', ...rest]);
    const other = currents({ min_objects: 4, max_objects: 4, pairs: 'seen', occlusion: 0.3, light: 0.1 });
    expect(other).toEqual(['objects=4', 'pairs=seen', 'occlusion=0.3', 'light=0.1', ...rest.slice(1)]);
  });

  it('a level shows the same scenes as the data set, but for what is varied', async () => {
    const light = scenes({ num_test: 2 }).variations(2).find(({ name }) => name === 'light')!; // prettier-ignore
    const varied = scenes(light.levels.at(-1)!.options);
    const [plain, lit] = await Promise.all(
      [scenes({ num_test: 2 }), varied].map(async (dataset) => {
        await dataset.prepare(silentProgress);
        return (await readAll(dataset, 'test')).map((record) => dataset.decode(record, 'test'));
      }),
    );
    expect(lit!.map(({ masks }) => masks)).toEqual(plain!.map(({ masks }) => masks));
    expect(lit!.map(({ image }) => image)).not.toEqual(plain!.map(({ image }) => image));
  });
});

it('synthesizes whole records in order, none of them a training image', async () => {
  const dataset = scenes();
  const records: Uint8Array[] = [];
  for await (const record of dataset.synthesize(3)) records.push(record);
  const { whole } = sceneFields({ height: 48, width: 64 });
  const images = records.map((bytes, index) => decodeRecord({ bytes, file: 'f', index, offset: 0 }, whole).image);
  expect(images).toHaveLength(3);
  await dataset.prepare(silentProgress);
  const training = (await readAll(dataset, 'train')).map((record) => dataset.decode(record, 'train').image);
  for (const image of images) expect(training).not.toContainEqual(image);
});
