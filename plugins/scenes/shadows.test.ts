import { hiddenPart, mayHide, shadowBox } from './shadows';
import { Solid } from './solid';
import { WHITE, type Lamp, type SceneObject } from './vocabulary';

const LAMP: Lamp = { x: 3, y: 1, z: 2.5, radius: 0.3, intensity: 1, ...WHITE };

function solid(shape: number, x = 0, y = 0): Solid {
  const object: SceneObject = { shape, size: 1, material: 1, color: 1, x, y, z: 0.5, rotation: 20 };
  return new Solid(object);
}

describe('hiddenPart', () => {
  it.each([1, 2, 3])('of shape %i is whole in its middle, nothing away from it, partial between', (shape) => {
    const at = (t: number): number => hiddenPart(solid(shape), LAMP, -0.75 - t, -0.25 - t / 3, 0, 0);
    expect(at(0)).toBe(1);
    expect(at(3)).toBe(0);
    const between = Array.from({ length: 60 }, (_, i) => at(i / 25)).filter((part) => part > 0 && part < 1);
    expect(between.length).toBeGreaterThan(3);
  });

  it('is zero on the side of the lamp', () => {
    expect(hiddenPart(solid(2), LAMP, 1, 0.4, 0, 0)).toBe(0);
  });
});

it.each([1, 2, 3])('shadowBox holds all of the shadow of shape %i', (shape) => {
  const caster = solid(shape);
  const box = shadowBox(caster, LAMP);
  for (let x = -4; x <= 4; x += 0.05) {
    for (let y = -4; y <= 4; y += 0.05) {
      if (x >= box.minX && x <= box.maxX && y >= box.minY && y <= box.maxY) continue;
      if (hiddenPart(caster, LAMP, x, y, 0, 0) > 0) throw new Error(`Shadow at (${x}, ${y}) outside its box.`);
    }
  }
});

it('mayHide misses no object that throws a shadow on another', () => {
  for (let i = 0; i < 200; i++) {
    const caster = solid(1 + (i % 3), Math.sin(i) * 2, Math.cos(i * 1.7) * 2);
    const receiver = solid(2);
    if (mayHide(caster, LAMP, receiver)) continue;
    for (let k = 0; k < 50; k++) {
      const z = 1 - (2 * k) / 49;
      const ring = Math.sqrt(1 - z * z);
      const hidden = hiddenPart(
        caster,
        LAMP,
        0.5 * ring * Math.cos(2.4 * k),
        0.5 * ring * Math.sin(2.4 * k),
        0.5 + 0.5 * z,
        0,
      );
      expect(hidden).toBe(0);
    }
  }
});
