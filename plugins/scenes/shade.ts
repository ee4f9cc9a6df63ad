/** Light that comes from a point towards the camera: lamps with soft shadows, a soft sky, reflections on metal. */
import { hiddenPart, hiddenSky, mayHide } from './shadows';
import type { Solid } from './solid';
import type { Texture } from './texture';
import { WHITE, type Lamp, type Sky } from './vocabulary';

const { max, min, pow, sqrt } = Math;

/** Linear RGB of the last point shaded: one buffer, since this runs a hundred thousand times a scene. */
export type Rgb = Float64Array;

const GROUND = 0.15;
const SKY = 0.7;
/** Where the ground turns into the backdrop, as distances from the middle of the scene. */
const BACKDROP = { from: 7, to: 26, value: 0.21 };

const RUBBER = { diffuse: 0.42, gloss: 0.03, exponent: 14 };
const METAL = { diffuse: 0.27, gloss: 1.6, exponent: 160, reflection: 0.8, glaze: 0.01 };

/** One channel of metal: it tints what it mirrors, less so at grazing angles. */
function metal(color: number, diffuse: number, mirrored: number, edge: number, gloss: number): number {
  const tint = color + (1 - color) * (METAL.glaze + 0.4 * edge);
  return color * diffuse + METAL.reflection * tint * mirrored + gloss * (0.6 + 0.4 * color);
}

export interface Neighbours {
  /** Solids by lamp that may throw a shadow here. */
  readonly casters: readonly (readonly Solid[])[];
  /** Solids near enough to darken the ground. */
  readonly nearby: readonly Solid[];
}

export class Shader {
  readonly #normal = new Float64Array(3);
  readonly #reflected = new Float64Array(3);
  readonly #everything: Neighbours;
  /** By object and lamp: what may throw a shadow on the object. */
  readonly #casters: ReadonlyMap<Solid, readonly (readonly Solid[])[]>;

  constructor(
    private readonly solids: readonly Solid[],
    private readonly lamps: readonly Lamp[],
    private readonly sky: Sky = WHITE,
    /** Pattern of the ground. */
    private readonly pattern: Texture | null = null,
  ) {
    this.#everything = { casters: lamps.map(() => solids), nearby: solids };
    this.#casters = new Map(
      solids.map((solid) => [
        solid,
        lamps.map((lamp) => solids.filter((other) => other !== solid && mayHide(other, lamp, solid))),
      ]),
    );
  }

  /** The ground at (x, y), lit. `turn`: see {@link hiddenPart}. */
  ground(x: number, y: number, turn: number, out: Rgb, { casters, nearby }: Neighbours = this.#everything): void {
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let i = 0; i < this.lamps.length; i++) {
      const lamp = this.lamps[i]!;
      const dx = lamp.x - x;
      const dy = lamp.y - y;
      const squared = dx * dx + dy * dy + lamp.z * lamp.z;
      let seen = 1;
      for (const solid of casters[i]!) if (seen > 0) seen *= 1 - hiddenPart(solid, lamp, x, y, 0, turn);
      const light = (seen * lamp.intensity * lamp.z) / (squared * sqrt(squared));
      red += light * lamp.red;
      green += light * lamp.green;
      blue += light * lamp.blue;
    }
    let open = 1;
    for (const solid of nearby) open *= 1 - hiddenSky(solid, x, y);
    const { sky, pattern } = this;
    const albedo = pattern === null ? GROUND : GROUND * pattern.factor(x, y, 0);
    out[0] = albedo * (red + SKY * open * sky.red);
    out[1] = albedo * (green + SKY * open * sky.green);
    out[2] = albedo * (blue + SKY * open * sky.blue);
    const t = min(1, max(0, (sqrt(x * x + y * y) - BACKDROP.from) / (BACKDROP.to - BACKDROP.from)));
    out[0] += (BACKDROP.value * sky.red - out[0]) * t * t * (3 - 2 * t);
    out[1] += (BACKDROP.value * sky.green - out[1]) * t * t * (3 - 2 * t);
    out[2] += (BACKDROP.value * sky.blue - out[2]) * t * t * (3 - 2 * t);
  }

  /** What is seen above the horizon: what the ground turns into far away. */
  horizon(out: Rgb): void {
    out[0] = BACKDROP.value * this.sky.red;
    out[1] = BACKDROP.value * this.sky.green;
    out[2] = BACKDROP.value * this.sky.blue;
  }

  /** Where a ray leaves the scene. */
  #backdrop(upwards: number, out: Rgb): void {
    const value = 0.06 + 0.3 * upwards * upwards;
    out[0] = value * this.sky.red;
    out[1] = value * this.sky.green;
    out[2] = value * this.sky.blue;
  }

  /** A point of `solid`, seen along the direction (dx, dy, dz) (any length). */
  solid(
    solid: Solid,
    x: number,
    y: number,
    z: number,
    dx: number,
    dy: number,
    dz: number,
    turn: number,
    out: Rgb,
  ): void {
    const length = sqrt(dx * dx + dy * dy + dz * dz);
    this.#surface(solid, x, y, z, dx / length, dy / length, dz / length, turn, true, out);
  }

  /** (dx, dy, dz) is of length 1. Reflections of reflections are left out (`direct` false). */
  #surface(
    solid: Solid,
    x: number,
    y: number,
    z: number,
    dx: number,
    dy: number,
    dz: number,
    turn: number,
    direct: boolean,
    out: Rgb,
  ): void {
    const normal = this.#normal;
    solid.normal(x, y, z, normal);
    const nx = normal[0]!;
    const ny = normal[1]!;
    const nz = normal[2]!;
    const facing = dx * nx + dy * ny + dz * nz;
    const rx = dx - 2 * facing * nx;
    const ry = dy - 2 * facing * ny;
    const rz = dz - 2 * facing * nz;
    const surface = solid.metal ? METAL : RUBBER;
    let red = 0;
    let green = 0;
    let blue = 0;
    let redGlint = 0;
    let greenGlint = 0;
    let blueGlint = 0;
    const casters = this.#casters.get(solid)!;
    for (let i = 0; i < this.lamps.length; i++) {
      const lamp = this.lamps[i]!;
      const lx = lamp.x - x;
      const ly = lamp.y - y;
      const lz = lamp.z - z;
      const squared = lx * lx + ly * ly + lz * lz;
      const distance = sqrt(squared);
      const cosine = (lx * nx + ly * ny + lz * nz) / distance;
      if (cosine <= 0) continue;
      let seen = 1;
      if (direct) {
        for (const other of casters[i]!) if (seen > 0) seen *= 1 - hiddenPart(other, lamp, x, y, z, turn);
      }
      const light = (seen * cosine * lamp.intensity) / squared;
      red += light * lamp.red;
      green += light * lamp.green;
      blue += light * lamp.blue;
      const mirror = (lx * rx + ly * ry + lz * rz) / distance;
      if (mirror <= 0) continue;
      const glint = (seen * pow(mirror, surface.exponent) * lamp.intensity) / 120;
      redGlint += glint * lamp.red;
      greenGlint += glint * lamp.green;
      blueGlint += glint * lamp.blue;
    }
    // the sky above, the lit ground below
    const around = SKY * (0.5 + 0.5 * nz) + 0.3 * (0.5 - 0.5 * nz);
    const { sky } = this;
    red = surface.diffuse * (red + around * sky.red);
    green = surface.diffuse * (green + around * sky.green);
    blue = surface.diffuse * (blue + around * sky.blue);
    redGlint *= surface.gloss;
    greenGlint *= surface.gloss;
    blueGlint *= surface.gloss;
    const pattern = solid.pattern(x, y, z);
    if (!solid.metal || !direct) {
      const scale = solid.metal ? 2 : 1;
      out[0] = solid.red * pattern * (scale * red) + redGlint;
      out[1] = solid.green * pattern * (scale * green) + greenGlint;
      out[2] = solid.blue * pattern * (scale * blue) + blueGlint;
      return;
    }
    const mirrored = this.#reflected;
    this.#trace(solid, x, y, z, rx, ry, rz, turn, mirrored);
    const edge = pow(1 + min(0, facing), 5);
    out[0] = metal(solid.red * pattern, red, mirrored[0]!, edge, redGlint);
    out[1] = metal(solid.green * pattern, green, mirrored[1]!, edge, greenGlint);
    out[2] = metal(solid.blue * pattern, blue, mirrored[2]!, edge, blueGlint);
  }

  /** What metal mirrors along a direction of length 1. */
  #trace(
    from: Solid,
    x: number,
    y: number,
    z: number,
    dx: number,
    dy: number,
    dz: number,
    turn: number,
    out: Rgb,
  ): void {
    let nearest = Infinity;
    let hit: Solid | undefined;
    for (const other of this.solids) {
      if (other === from) continue;
      const t = other.intersect(x, y, z, dx, dy, dz);
      if (t < nearest) {
        nearest = t;
        hit = other;
      }
    }
    if (hit !== undefined) {
      this.#surface(hit, x + nearest * dx, y + nearest * dy, z + nearest * dz, dx, dy, dz, turn, false, out);
    } else if (dz < -1e-3) {
      this.ground(x - (z / dz) * dx, y - (z / dz) * dy, turn, out);
    } else {
      this.#backdrop(dz, out);
    }
  }
}
