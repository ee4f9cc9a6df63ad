import { Solid } from './solid';
import type { SceneObject } from './vocabulary';

const [CUBE, SPHERE, CYLINDER] = [1, 2, 3] as const;

function solid(shape: number, rest: Partial<SceneObject> = {}): Solid {
  return new Solid({ shape, size: 1, material: 1, color: 1, x: 0, y: 0, z: 0.5, rotation: 0, ...rest });
}

describe('Solid', () => {
  it.each([
    ['cube', CUBE, 1.5],
    ['sphere', SPHERE, 1.5],
    ['cylinder', CYLINDER, 1.5],
  ])('%s is entered where its surface is', (_, shape, expected) => {
    expect(solid(shape).intersect(-2, 0, 0.5, 1, 0, 0)).toBeCloseTo(expected, 12);
    expect(solid(shape).intersect(0, 0, 3, 0, 0, -1)).toBeCloseTo(2, 12); // from above
  });

  it.each([CUBE, SPHERE, CYLINDER])('shape %i is missed beside it and behind the ray', (shape) => {
    expect(solid(shape).intersect(-2, 0.51, 0.5, 1, 0, 0)).toBe(Infinity);
    expect(solid(shape).intersect(2, 0, 0.5, 1, 0, 0)).toBe(Infinity);
    expect(solid(shape).intersect(-2, 0, 1.01, 1, 0, 0)).toBe(Infinity);
  });

  it('turns a cube by its rotation', () => {
    const turned = solid(CUBE, { rotation: 45 });
    expect(turned.intersect(-2, 0, 0.5, 1, 0, 0)).toBeCloseTo(2 - Math.SQRT1_2, 12);
    expect(turned.extent).toBeCloseTo(Math.SQRT1_2, 12);
    expect(solid(CUBE, { rotation: 90 }).intersect(-2, 0.3, 0.5, 1, 0, 0)).toBeCloseTo(1.5, 12);
  });

  it('has unit normals that point outwards, flat in the middle of faces and halfway round at edges', () => {
    const normal = new Float64Array(3);
    solid(CUBE).normal(0.5, 0.1, 0.6, normal);
    expect([...normal]).toEqual([1, 0, 0]);
    solid(CUBE).normal(0.5, -0.5, 0.5, normal);
    expect([...normal].map((value) => value.toFixed(6))).toEqual(['0.707107', '-0.707107', '0.000000']);
    solid(CYLINDER).normal(0.1, 0.1, 1, normal);
    expect([...normal]).toEqual([0, 0, 1]);
    solid(SPHERE).normal(0, -0.3, 0.9, normal);
    expect(normal[1]).toBeCloseTo(-0.6, 12);
    expect(normal[2]).toBeCloseTo(0.8, 12);
  });
});
