import { RandomSource, type Sample } from 'osc-trainer/sdk';
import { Camera } from './camera';
import { NUM_MASKS, generateScene, type SceneOptions } from './scene';
import { COLORS, MATERIALS, RADII, SHAPES, SIZES } from './vocabulary';

const SMALL: SceneOptions = { height: 96, width: 128, minObjects: 3, maxObjects: 10, minVisible: 200 };

function scene(index: number, options = SMALL, seed = 5): Sample {
  return generateScene(new RandomSource(seed), index, options);
}

function attribute(sample: Sample, name: string): number[] {
  return [...sample.attributes![name]!.values];
}

function numObjects(sample: Sample): number {
  return attribute(sample, 'visibility').reduce((sum, value) => sum + value, -1);
}

function area(sample: Sample, mask: number): number {
  const pixels = sample.height * sample.width;
  return sample.masks!.subarray(mask * pixels, (mask + 1) * pixels).reduce((sum, value) => sum + value, 0) / 255;
}

const SCENES = Array.from({ length: 24 }, (_, index) => scene(index));

describe('a scene', () => {
  it('is a function of seed and index alone', () => {
    expect(scene(3)).toEqual(SCENES[3]);
    expect(scene(4).image).not.toEqual(SCENES[3]!.image);
    expect(scene(3, SMALL, 6).image).not.toEqual(SCENES[3]!.image);
  });

  it('has the fields, shapes and types of the published records', () => {
    const sample = scene(0, { ...SMALL, height: 240, width: 320 });
    expect(sample.image).toBeInstanceOf(Uint8Array);
    expect(sample.image).toHaveLength(240 * 320 * 3);
    expect(sample.masks).toHaveLength(NUM_MASKS * 240 * 320);
    const shapes = Object.entries(sample.attributes!).map(([name, { values, shape }]) => [
      name,
      values.constructor.name,
      shape,
      values.length,
    ]);
    expect(shapes).toEqual([
      ...['x', 'y', 'z', 'rotation', 'visibility'].map((name) => [name, 'Float32Array', [11], 11]),
      ['pixel_coords', 'Float32Array', [11, 3], 33],
      ...['size', 'material', 'shape', 'color'].map((name) => [name, 'Uint8Array', [11], 11]),
    ]);
  });

  it('has between min_objects and max_objects objects, and every number comes up', () => {
    const counts = new Set(Array.from({ length: 60 }, (_, i) => numObjects(scene(i, { ...SMALL, maxObjects: 5 }))));
    expect([...counts].sort()).toEqual([3, 4, 5]);
  });

  it('gives every pixel to exactly one mask', () => {
    for (const { masks, height, width } of SCENES) {
      const pixels = height * width;
      for (let at = 0; at < pixels; at++) {
        let owners = 0;
        for (let k = 0; k < NUM_MASKS; k++) {
          const value = masks![k * pixels + at]!;
          if (value !== 0 && value !== 255) throw new Error(`Mask value ${value}.`);
          if (value === 255) owners++;
        }
        if (owners !== 1) throw new Error(`Pixel ${at} has ${owners} masks.`);
      }
    }
  });

  it('shows the background and every object well enough, and pads with zeros', () => {
    for (const sample of SCENES) {
      const visibility = attribute(sample, 'visibility');
      const objects = numObjects(sample);
      for (let k = 0; k < NUM_MASKS; k++) {
        expect(visibility[k]).toBe(k <= objects ? 1 : 0);
        if (k <= objects) expect(area(sample, k)).toBeGreaterThanOrEqual(200 * ((96 * 128) / (240 * 320)));
        else expect(area(sample, k)).toBe(0);
      }
    }
  });

  it('has codes of the published ranges; those of background and padding are 0', () => {
    const ranges = { size: SIZES, material: MATERIALS, shape: SHAPES, color: COLORS };
    for (const [name, { length }] of Object.entries(ranges)) {
      const seen = new Set<number>();
      for (const sample of SCENES) {
        attribute(sample, name).forEach((code, k) => {
          const isObject = k > 0 && k <= numObjects(sample);
          if (isObject) seen.add(code);
          else expect(code).toBe(0);
        });
      }
      expect([...seen].sort()).toEqual(Array.from({ length }, (_, i) => i + 1));
    }
  });

  it('keeps objects apart and on the ground', () => {
    for (const sample of SCENES) {
      const [x, y, z, size, shape] = ['x', 'y', 'z', 'size', 'shape'].map((name) => attribute(sample, name));
      for (let i = 1; i <= numObjects(sample); i++) {
        const radius = RADII[size![i]!]!;
        expect(z![i]).toBeCloseTo(shape![i] === 1 ? radius / Math.SQRT2 : radius, 6);
        for (let j = 1; j < i; j++) {
          const gap = Math.hypot(x![i]! - x![j]!, y![i]! - y![j]!) - radius - RADII[size![j]!]!;
          expect(gap).toBeGreaterThanOrEqual(0.25 - 1e-6);
        }
      }
    }
  });

  it('has pixel coordinates inside the outline of objects that nothing hides', () => {
    // a single object cannot be hidden; its centre is inside it, so seen through its own mask
    for (let index = 0; index < 20; index++) {
      const sample = scene(index, { ...SMALL, minObjects: 1, maxObjects: 1 });
      const [px, py, depth] = attribute(sample, 'pixel_coords').slice(3, 6);
      expect(depth).toBeGreaterThan(6);
      expect(depth).toBeLessThan(17);
      if (px! < 0 || px! >= 128 || py! < 0 || py! >= 96) continue; // the centre may lie outside the picture
      expect(sample.masks![(96 + Math.floor(py!)) * 128 + Math.floor(px!)]).toBe(255);
    }
  });

  it('shows objects in their colours', () => {
    const hues = (name: string): number[] => {
      const code = COLORS.indexOf(name as (typeof COLORS)[number]) + 1;
      const sum = [0, 0, 0];
      for (const sample of SCENES) {
        attribute(sample, 'color').forEach((color, k) => {
          if (color !== code) return;
          for (let at = 0; at < 96 * 128; at++) {
            if (sample.masks![k * 96 * 128 + at] === 0) continue;
            for (let c = 0; c < 3; c++) sum[c]! += sample.image[3 * at + c]!;
          }
        });
      }
      return sum;
    };
    const [red, green, blue] = ['red', 'green', 'blue'].map(hues);
    for (const [c, sum] of [red!, green!, blue!].entries()) {
      expect(Math.max(...sum)).toBe(sum[c]);
    }
    const gray = hues('gray');
    expect(Math.max(...gray) / Math.min(...gray)).toBeLessThan(1.05);
  });

  it('says so when no arrangement can be found', () => {
    const crowded = { ...SMALL, minObjects: 10, maxObjects: 10, minVisible: 6000 };
    expect(() => scene(0, crowded)).toThrow(/No arrangement of 10 objects/);
  });
});

describe('Camera', () => {
  it('can be turned about its axis: what lies above the middle moves to the right', () => {
    const [upright, turned] = [0, 0.3].map((roll) => new Camera([7, -6, 5], [0, 0, 0], 96, 128, roll));
    const point = [0, 0, 1] as const;
    const [x, y] = upright!.project(point);
    const [tx, ty] = turned!.project(point);
    const [angle, before] = [Math.atan2(48 - ty, tx - 64), Math.atan2(48 - y, x - 64)];
    expect(Math.abs(angle - before)).toBeCloseTo(0.3, 9);
    expect(tx).toBeGreaterThan(x);
    expect(turned!.across).toEqual(upright!.right);
  });

  it('projects what it sees through a pixel back to that pixel', () => {
    const camera = new Camera([7, -6, 5], [0, 0, 0], 96, 128);
    const ray = new Float64Array(3);
    camera.ray(17.5, 80.25, ray);
    const depth = 3.5;
    const [px, py, found] = camera.project([7 + depth * ray[0]!, -6 + depth * ray[1]!, 5 + depth * ray[2]!]);
    expect(px).toBeCloseTo(17.5, 9);
    expect(py).toBeCloseTo(80.25, 9);
    expect(found).toBeCloseTo(depth, 9);
    expect(camera.project([0, 0, 0]).slice(0, 2)).toEqual([64, 48]);
  });
});
