import { createHash } from 'node:crypto';
import { RandomSource, type Sample } from 'osc-trainer/sdk';
import { splitFile } from './cache';
import { makeRecord } from './generate';
import { AS_CLEVR, type Knobs } from './knobs';
import { drawLayout } from './layout';
import { options, sceneOptionsOf } from './options';
import { colorsOf } from './pairs';
import { generateScene, type SceneOptions } from './scene';
import { Solid } from './solid';
import { findVisible } from './visible';
import { COLORS, SHAPES } from './vocabulary';

const SMALL: SceneOptions = { height: 48, width: 64, minObjects: 4, maxObjects: 6, minVisible: 200 };

function scenes(knobs: Partial<Knobs>, count = 6): Sample[] {
  return Array.from({ length: count }, (_, i) => generateScene(new RandomSource(5), i, { ...SMALL, ...knobs }));
}

const plain = scenes({});

/** Share of each object that others hide, over many scenes. */
function hiddenShare(knobs: Partial<Knobs>): number {
  const shares: number[] = [];
  for (let i = 0; i < 20; i++) {
    const random = new RandomSource(2);
    drawLayout(
      random.stream('scene', i),
      (what) => random.stream(what, i),
      { ...SMALL, ...knobs },
      ({ camera, objects }) => {
        const visible = findVisible(
          objects.map((object) => new Solid(object)),
          camera,
        );
        if (visible.counts.some((count) => count < 8)) return false;
        shares.push(...visible.whole.map((pixels, k) => 1 - visible.counts[k + 1]! / pixels));
        return true;
      },
    );
  }
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

describe('without a knob turned', () => {
  it('scenes are to the byte what they were before there were knobs', () => {
    const hash = createHash('sha256');
    const scene = { ...SMALL, minObjects: 3, maxObjects: 10 };
    for (let i = 0; i < 12; i++) {
      hash.update(makeRecord({ seed: 0, purpose: 'test', content: 'scene', count: 12, scene }, i));
    }
    expect(hash.digest('hex')).toBe('c43b6a25ed2a1f7096f3c171b5a7f803ca2f0803cb2d209dc277a76c89510b8b');
  });

  it('they lie in the cache where they lay', () => {
    const scene = sceneOptionsOf(options.parse({ image_size: [96, 128], max_objects: 6 }));
    const file = splitFile({ cacheDir: '/cache', seed: 0, scene }, 'test', 256);
    expect(file).toBe('/cache/a3c6f62e4bfa18e1/imgs_test_256.tfrecords');
  });
});

it('scenes of every knob lie apart in the cache', () => {
  const turned: Partial<Knobs>[] = [
    ...[{}, { pairs: 'seen' as const }, { pairs: 'held_out' as const }, { occlusion: 0 }, { occlusion: 0.5 }],
    ...(['light', 'camera', 'ground', 'texture'] as const).map((name) => ({ [name]: 0.5 })),
  ];
  const files = turned.map((knobs) =>
    splitFile({ cacheDir: '/cache', seed: 0, scene: sceneOptionsOf(options.parse(knobs)) }, 'test', 1),
  );
  expect(new Set(files).size).toBe(turned.length);
});

it.each(['light', 'ground', 'texture'] as const)(
  '%s changes the picture, more the stronger, and nothing else',
  (name) => {
    const [weak, strong] = [scenes({ [name]: 0.25 }), scenes({ [name]: 1 })];
    const far = (some: readonly Sample[]): number =>
      some.reduce((sum, { image }, i) => image.reduce((s, v, at) => s + Math.abs(v - plain[i]!.image[at]!), sum), 0);
    expect(far(weak)).toBeGreaterThan(0);
    expect(far(strong)).toBeGreaterThan(1.5 * far(weak));
    strong.forEach(({ masks, attributes }, i) => {
      expect(masks).toEqual(plain[i]!.masks);
      expect(attributes).toEqual(plain[i]!.attributes);
    });
  },
);

it('texture leaves the ground alone where no metal and no shadow is, ground the objects of rubber', () => {
  const difference = (knobs: Partial<Knobs>, onObjects: boolean): number => {
    let [sum, pixels] = [0, 0];
    scenes(knobs).forEach(({ image, masks, attributes }, i) => {
      for (let at = 0; at < 48 * 64; at++) {
        const owner = Array.from({ length: 11 }, (_, k) => k).find((k) => masks![k * 48 * 64 + at] === 255)!;
        if (owner > 0 !== onObjects || attributes!['material']!.values[owner] === 2) continue;
        sum += Math.abs(image[3 * at]! - plain[i]!.image[3 * at]!);
        pixels++;
      }
    });
    return sum / pixels;
  };
  // pixels at borders are mixed
  expect(difference({ texture: 1 }, false)).toBeLessThan(1);
  expect(difference({ texture: 1 }, true)).toBeGreaterThan(10);
  expect(difference({ ground: 1 }, true)).toBeLessThan(3);
  expect(difference({ ground: 1 }, false)).toBeGreaterThan(10);
});

it('light has colours: a gray ground does not stay gray', () => {
  const chroma = (some: readonly Sample[]): number =>
    some.reduce((sum, { image }) => sum + Math.abs(image[0]! - image[2]!), 0) / some.length;
  expect(chroma(plain)).toBe(0);
  expect(chroma(scenes({ light: 1 }))).toBeGreaterThan(5);
});

it('the camera moves, tilts, and sees no hole above the horizon', () => {
  for (const { image, masks, height, width, attributes } of scenes({ camera: 1 }, 10)) {
    expect(Math.min(...image)).toBeGreaterThan(0);
    const owners = new Uint8Array(height * width);
    masks!.forEach((value, at) => (owners[at % owners.length]! += value === 255 ? 1 : 0));
    expect(owners.every((count) => count === 1)).toBe(true);
    const here = Array.from(attributes!['visibility']!.values).filter((value) => value === 1);
    expect(here.length).toBeGreaterThanOrEqual(5);
  }
});

it('held-out pairs and the others have no pair in common; every colour and shape is in both', () => {
  const pairsOf = (pairs: 'seen' | 'held_out'): string[] =>
    SHAPES.flatMap((_, i) => colorsOf(i + 1, pairs).map((color) => `${i + 1} ${color}`));
  const [seen, heldOut] = [pairsOf('seen'), pairsOf('held_out')];
  expect(heldOut).toHaveLength(8);
  expect(new Set([...seen, ...heldOut]).size).toBe(SHAPES.length * COLORS.length);
  for (const pairs of [seen, heldOut]) {
    expect(new Set(pairs.map((pair) => pair[0])).size).toBe(SHAPES.length);
    expect(new Set(pairs.map((pair) => pair[2])).size).toBe(COLORS.length);
  }
  for (const which of ['seen', 'held_out'] as const) {
    for (const { attributes } of scenes({ pairs: which }, 12)) {
      const { shape, color } = attributes as Required<typeof attributes> & object;
      shape!.values.forEach((code, k) => {
        if (code !== 0) expect(pairsOf(which)).toContain(`${code} ${color!.values[k]}`);
      });
    }
  }
});

it('occlusion hides from nothing to much; by chance lies between', () => {
  const [none, byChance, half, much] = [0, null, 0.5, 1].map((occlusion) => hiddenShare({ occlusion }));
  expect(byChance).toBeGreaterThan(0);
  expect(half).toBeGreaterThan(2 * byChance!);
  expect(much).toBeGreaterThan(1.4 * half!);
  expect(none).toBeLessThanOrEqual(byChance!);
  const whole = scenes({ occlusion: 0 }, 4);
  expect(whole.map(({ attributes }) => attributes)).not.toEqual(plain.slice(0, 4).map(({ attributes }) => attributes));
});

it('defaults of the options are CLEVR’s', () => {
  expect(options.parse({})).toMatchObject(AS_CLEVR);
});
