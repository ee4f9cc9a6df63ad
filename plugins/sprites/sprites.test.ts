import { createHash } from 'node:crypto';
import { RandomSource, type Sample, type SplitName } from 'osc-trainer/sdk';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { COLORS, drawImage, SHAPES } from './draw';
import { options, type SpritesOptions } from './options';
import { Sprites } from './sprites';

testComponent(Sprites, { options: { num_train: 5, num_val: 3, num_test: 4 } });
testOptions(Sprites, {
  valid: [{}, { min_objects: 3, max_objects: 3, image_size: [48, 64] }],
  invalid: [
    { options: { image_size: [8, 8] }, message: /image_size/ },
    { options: { max_objects: 11 }, message: /max_objects/ },
  ],
});

function sprites(rest: Partial<SpritesOptions> = {}): Sprites {
  return new Sprites(options.parse({ num_train: 40, num_val: 10, num_test: 40, ...rest }));
}

async function readAll(dataset: Sprites, split: SplitName, from?: number): Promise<Sample[]> {
  await dataset.prepare();
  const samples: Sample[] = [];
  for await (const record of dataset.records(split, from)) samples.push(dataset.decode(record, split));
  return samples;
}

const values = ({ attributes }: Sample, name: string): number[] => Array.from(attributes![name]!.values);

/** Of image, masks and attributes: quicker to compare than the arrays. */
function digest({ image, masks, attributes }: Sample): string {
  const hash = createHash('sha256').update(image);
  if (masks) hash.update(masks);
  return hash.update(JSON.stringify(attributes ?? null)).digest('hex');
}

test('an image is a function of seed, split and index, however many there are', async () => {
  const [some, more, other] = await Promise.all(
    [{}, { num_test: 50 }, { seed: 1 }].map(async (rest) => (await readAll(sprites(rest), 'test')).map(digest)),
  );
  expect(more!.slice(0, 40)).toEqual(some);
  expect(other![0]).not.toBe(some![0]);
  expect((await readAll(sprites(), 'test', 38)).map(digest)).toEqual(some!.slice(38));
  const training = await readAll(sprites(), 'train');
  expect(training[0]!.masks).toBeUndefined();
  const tests = await readAll(sprites(), 'test');
  const images = [...training, ...tests].map(({ image }) => Buffer.from(image).toString('base64'));
  expect(new Set(images).size).toBe(80);
  const hash = createHash('sha256');
  tests.forEach(({ image }) => hash.update(image));
  expect(hash.digest('hex')).toBe('79df63a66ce549faf0a6bd78458a49d964e330cffa78e06cb58cc81e2a9a38e9');
});

test('every pixel has one mask, whose sprite has its colour there; the background is black', async () => {
  for (const sample of await readAll(sprites(), 'test')) {
    const { image, masks, numMasks } = sample;
    expect([numMasks, masks!.length]).toEqual([5, 5 * 32 * 32]);
    const rgb = values(sample, 'rgb').map((value) => Math.round(255 * value));
    for (let at = 0; at < 32 * 32; at++) {
      const owners = [0, 1, 2, 3, 4].filter((k) => masks![k * 32 * 32 + at] === 255);
      const wrong = [0, 1, 2].some((c) => image[3 * at + c] !== rgb[3 * owners[0]! + c]);
      if (owners.length !== 1 || wrong) throw new Error(`Pixel ${at} has ${owners.length} masks, or another colour.`);
    }
  }
});

test('as many sprites as options say, each with a place and codes, the others 0', async () => {
  const counts = new Set<number>();
  const seen = { shape: new Set<number>(), color: new Set<number>() };
  for (const sample of await readAll(sprites({ min_objects: 2, max_objects: 4 }), 'test')) {
    const count = values(sample, 'visibility').reduce((sum, value) => sum + value, -1);
    counts.add(count);
    for (const name of ['shape', 'color'] as const) {
      values(sample, name).forEach((code, k) => {
        expect(code > 0).toBe(k > 0 && k <= count);
        if (code > 0) seen[name].add(code);
      });
    }
    for (let k = 1; k <= count; k++) expect(sample.masks!.subarray(k * 1024, (k + 1) * 1024)).toContain(255);
    for (const name of ['x', 'y']) {
      for (const place of values(sample, name).slice(1, count + 1)) {
        expect(place).toBeGreaterThan(4);
        expect(place).toBeLessThan(28);
      }
    }
  }
  expect([...counts].sort()).toEqual([2, 3, 4]);
  expect([seen.shape.size, seen.color.size]).toEqual([SHAPES.length, COLORS.length]);
});

test('some hide each other, and enough is seen of each', async () => {
  const samples = await readAll(sprites({ min_objects: 4, max_objects: 4 }), 'test');
  // a square of half side 0.85 r has (1.7 r)² pixels where nothing hides it
  const shares = samples.flatMap((sample) =>
    [1, 2, 3, 4].flatMap((k) => {
      if (values(sample, 'shape')[k] !== 1) return [];
      const pixels = sample.masks!.subarray(k * 1024, (k + 1) * 1024).filter((value) => value === 255).length;
      return [pixels / (1.7 * values(sample, 'radius')[k]!) ** 2];
    }),
  );
  expect(shares.length).toBeGreaterThan(30);
  expect(shares.filter((share) => share < 0.85).length).toBeGreaterThan(5);
  expect(shares.filter((share) => share > 0.95).length).toBeGreaterThan(15);
  expect(Math.min(...shares)).toBeGreaterThan(0.3);
});

test('colours have the hue of their code', async () => {
  for (const sample of await readAll(sprites(), 'test')) {
    const [colors, rgb] = [values(sample, 'color'), values(sample, 'rgb')];
    colors.forEach((code, k) => {
      if (code === 0) return;
      const [r, g, b] = rgb.slice(3 * k, 3 * k + 3) as [number, number, number];
      const hue = (Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) / (2 * Math.PI) + 1) % 1;
      // the angle of a mixed colour is near its hue, not equal to it
      expect(Math.abs(hue * COLORS.length - (code - 0.5))).toBeLessThan(0.6);
    });
  }
});

test('wrong or impossible numbers of sprites are told', () => {
  expect(() => sprites({ min_objects: 5 })).toThrow('data.min_objects (5) is more than data.max_objects (4).');
  const crowded = { height: 1, width: 1, minObjects: 2, maxObjects: 2 };
  expect(() => drawImage(new RandomSource(0).stream('sprites', 0), crowded)).toThrow('No arrangement of 2 sprites');
});

test('the number of sprites can be varied', async () => {
  const [objects] = sprites().variations(7);
  expect(objects!.current.name).toBe('1-4');
  const [level] = objects!.levels.slice(-1);
  const dataset = sprites(level!.options);
  const samples = await readAll(dataset, 'test');
  expect(samples).toHaveLength(7);
  expect(samples.map((sample) => values(sample, 'visibility').reduce((sum, value) => sum + value, -1))).toEqual(
    Array.from({ length: 7 }, () => 8),
  );
});
