/** Geometry of one object: where a ray enters it, and its normal there. */
import type { Texture } from './texture';
import { COLOR_VALUES, CUBE, METAL, SPHERE, type SceneObject } from './vocabulary';

// read once: a global is slow to reach where modules run in a context of their own (jest)
const { abs, cos, max, min, pow, sign, sin, sqrt } = Math;

/** Part of the half width over which edges are rounded, in the normals only. */
const BEVEL = 0.12;

/** CLEVR's colours, taken as linear light, come out paler here than under Blender's lamps. */
const SATURATION = 1.45;

/** In place of a zero in a direction: 0 / 0 would be no number. */
const TINY = 1e-30;

/** 0 inside, up to 1 at the edge. */
function bevel(ratio: number): number {
  const t = (ratio - (1 - BEVEL)) / BEVEL;
  return t <= 0 ? 0 : t >= 1 ? 1 : t * t;
}

export class Solid {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Radius, or half an edge of a cube; also half the height. */
  readonly half: number;
  /** Radius of the ball about the centre that holds it. */
  readonly bound: number;
  /** Half width of the axis-aligned box about it, in x and y. */
  readonly extent: number;
  readonly shape: number;
  readonly metal: boolean;
  /** Linear RGB in 0..1. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly #cos: number;
  readonly #sin: number;

  constructor(
    object: SceneObject,
    private readonly texture: Texture | null = null,
  ) {
    ({ x: this.x, y: this.y, z: this.z, shape: this.shape } = object);
    this.half = object.z;
    const angle = (object.rotation * Math.PI) / 180;
    this.#cos = cos(angle);
    this.#sin = sin(angle);
    const isCube = this.shape === CUBE;
    this.bound = this.half * (this.shape === SPHERE ? 1 : isCube ? sqrt(3) : Math.SQRT2);
    this.extent = this.half * (isCube ? abs(this.#cos) + abs(this.#sin) : 1);
    this.metal = object.material === METAL;
    [this.red, this.green, this.blue] = COLOR_VALUES[object.color]!.map((value) => pow(value / 255, SATURATION)) as [
      number,
      number,
      number,
    ];
  }

  /** Smallest `t > 0` at which `origin + t * direction` enters the solid, or Infinity. */
  intersect(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number): number {
    const px = ox - this.x;
    const py = oy - this.y;
    const pz = oz - this.z;
    // Against the ball first: most rays miss, and all are cheap to reject here.
    const a = dx * dx + dy * dy + dz * dz;
    const b = px * dx + py * dy + pz * dz;
    const c = px * px + py * py + pz * pz - this.bound * this.bound;
    const discriminant = b * b - a * c;
    if (discriminant <= 0 || (c > 0 && b > 0)) return Infinity;
    if (this.shape === SPHERE) {
      const t = (-b - sqrt(discriminant)) / a;
      return t > 0 ? t : Infinity;
    }
    if (this.shape === CUBE) {
      const cos = this.#cos;
      const sin = this.#sin;
      return this.#intersectCube(
        px * cos + py * sin,
        py * cos - px * sin,
        pz,
        dx * cos + dy * sin,
        dy * cos - dx * sin,
        dz,
      );
    }
    return this.#intersectCylinder(px, py, pz, dx, dy, dz);
  }

  #intersectCube(px: number, py: number, pz: number, dx: number, dy: number, dz: number): number {
    const half = this.half;
    const tx = -px / (dx || TINY);
    const ty = -py / (dy || TINY);
    const tz = -pz / (dz || TINY);
    const wx = abs(half / (dx || TINY));
    const wy = abs(half / (dy || TINY));
    const wz = abs(half / (dz || TINY));
    const enter = max(tx - wx, ty - wy, tz - wz);
    const leave = min(tx + wx, ty + wy, tz + wz);
    return enter < leave && enter > 0 ? enter : Infinity;
  }

  #intersectCylinder(px: number, py: number, pz: number, dx: number, dy: number, dz: number): number {
    const half = this.half;
    const tz = -pz / (dz || TINY);
    const wz = abs(half / (dz || TINY));
    const ex = dx || TINY;
    const a = ex * ex + dy * dy;
    const b = px * ex + py * dy;
    const discriminant = b * b - a * (px * px + py * py - half * half);
    if (discriminant <= 0) return Infinity;
    const root = sqrt(discriminant);
    const enter = max((-b - root) / a, tz - wz);
    const leave = min((-b + root) / a, tz + wz);
    return enter < leave && enter > 0 ? enter : Infinity;
  }

  /** What the colour at a point of the surface is multiplied by: the pattern turns with the solid. */
  pattern(x: number, y: number, z: number): number {
    if (this.texture === null) return 1;
    const px = (x - this.x) / this.half;
    const py = (y - this.y) / this.half;
    const pz = (z - this.z) / this.half;
    return this.texture.factor(px * this.#cos + py * this.#sin, py * this.#cos - px * this.#sin, pz);
  }

  /** Unit normal at a point of the surface, with softly rounded edges, into `out`. */
  normal(x: number, y: number, z: number, out: Float64Array): void {
    const px = (x - this.x) / this.half;
    const py = (y - this.y) / this.half;
    const pz = (z - this.z) / this.half;
    let nx: number;
    let ny: number;
    let nz: number;
    if (this.shape === SPHERE) {
      [nx, ny, nz] = [px, py, pz];
    } else if (this.shape === CUBE) {
      const qx = px * this.#cos + py * this.#sin;
      const qy = py * this.#cos - px * this.#sin;
      const wx = sign(qx) * bevel(abs(qx));
      const wy = sign(qy) * bevel(abs(qy));
      nx = wx * this.#cos - wy * this.#sin;
      ny = wx * this.#sin + wy * this.#cos;
      nz = sign(pz) * bevel(abs(pz));
    } else {
      const radial = sqrt(px * px + py * py);
      const side = bevel(radial) / max(radial, 1e-9);
      nx = px * side;
      ny = py * side;
      nz = sign(pz) * bevel(abs(pz));
    }
    const length = sqrt(nx * nx + ny * ny + nz * nz);
    out[0] = nx / length;
    out[1] = ny / length;
    out[2] = nz / length;
  }
}
