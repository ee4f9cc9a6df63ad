/** Patterns in space: a point of a surface gets the value of the pattern there, so nothing is stretched at edges. */
import type { RandomStream } from 'osc-trainer/sdk';

const { cos, floor, imul, sin, sqrt } = Math;

const KINDS = ['checker', 'stripes', 'noise'] as const;

/** Number in [0, 1) for a point of the lattice. */
function latticeValue(x: number, y: number, z: number): number {
  let h = imul(x, 0x9e3779b1) ^ imul(y, 0x85ebca77) ^ imul(z, 0xc2b2ae3d);
  h = imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

const ease = (t: number): number => t * t * (3 - 2 * t);

/** Values of the lattice, joined smoothly. */
function smoothNoise(x: number, y: number, z: number): number {
  const [left, near, low] = [floor(x), floor(y), floor(z)];
  const [tx, ty, tz] = [ease(x - left), ease(y - near), ease(z - low)];
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    const [i, j, k] = [corner & 1, (corner >> 1) & 1, corner >> 2];
    const weight = (i ? tx : 1 - tx) * (j ? ty : 1 - ty) * (k ? tz : 1 - tz);
    sum += weight * latticeValue(left + i, near + j, low + k);
  }
  return sum;
}

const parity = (n: number): number => n - 2 * floor(n / 2);

export class Texture {
  readonly #kind: (typeof KINDS)[number];
  /** Cells a unit. */
  readonly #frequency: number;
  readonly #offset: readonly number[];
  /** Of stripes: of length 1. */
  readonly #across: readonly number[];

  /** @param size of its cells */
  constructor(
    random: RandomStream,
    size: number,
    private readonly darkest: number,
    private readonly brightest: number,
  ) {
    this.#kind = KINDS[random.integer(KINDS.length)]!;
    this.#frequency = 1 / (size * (0.7 + 0.6 * random.uniform()));
    this.#offset = Array.from({ length: 3 }, () => 64 * random.uniform());
    const around = 2 * Math.PI * random.uniform();
    const up = random.uniform() - 0.5;
    const flat = sqrt(1 - up * up);
    this.#across = [flat * cos(around), flat * sin(around), up];
  }

  /** What the colour of a surface at this point is multiplied by. */
  factor(x: number, y: number, z: number): number {
    return this.darkest + (this.brightest - this.darkest) * this.#value(x, y, z);
  }

  /** 0..1 */
  #value(x: number, y: number, z: number): number {
    const frequency = this.#frequency;
    const [dx, dy, dz] = this.#offset as [number, number, number];
    if (this.#kind === 'stripes') {
      const [ax, ay, az] = this.#across as [number, number, number];
      return parity(floor((ax * x + ay * y + az * z) * frequency + dx));
    }
    const [u, v, w] = [x * frequency + dx, y * frequency + dy, z * frequency + dz];
    if (this.#kind === 'checker') return parity(floor(u) + floor(v) + floor(w));
    const noise = (2 * smoothNoise(u, v, w) + smoothNoise(2 * u, 2 * v, 2 * w)) / 3;
    return ease(Math.min(1, Math.max(0, 2.2 * (noise - 0.5) + 0.5)));
  }
}
