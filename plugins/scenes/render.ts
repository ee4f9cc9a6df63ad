/** Makes the image of a scene: one ray a pixel, four where the picture has an edge. */
import type { Layout } from './layout';
import { Shader, type Neighbours } from './shade';
import { shadowBox, skyReach } from './shadows';
import type { Solid } from './solid';
import type { Visible } from './visible';

const { abs, ceil, floor, max, min, pow, round } = Math;

const TILE = 8;
/** Difference of neighbouring pixels (in 0..255, after gamma) from which the picture has an edge. */
const EDGE = 20;
/** Four points of a pixel on a turned grid, relative to its centre. */
const SUBPIXELS = [
  [-0.125, -0.375],
  [0.375, -0.125],
  [0.125, 0.375],
  [-0.375, 0.125],
] as const;

/** Rays (of depth 1) that rise above this meet the ground so far away that nothing of it is seen. */
const HORIZON = -0.02;

const GAMMA_STEPS = 4096;
/** sRGB by linear value. */
const GAMMA = Uint8Array.from({ length: GAMMA_STEPS + 1 }, (_, i) => {
  const linear = i / GAMMA_STEPS;
  return round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055));
});

function encode(linear: number): number {
  return GAMMA[linear >= 1 ? GAMMA_STEPS : linear <= 0 ? 0 : (linear * GAMMA_STEPS + 0.5) | 0]!;
}

/** An angle for each pixel that looks random to its neighbours (Jimenez 2014, interleaved gradient noise). */
function turnOf(x: number, y: number): number {
  const t = 52.9829189 * ((0.06711056 * x + 0.00583715 * y) % 1);
  return 2 * Math.PI * (t % 1);
}

export class Renderer {
  readonly #shader: Shader;
  readonly #tiles: readonly Neighbours[];
  readonly #tileColumns: number;
  readonly #ray = new Float64Array(3);
  readonly #rgb = new Float64Array(3);

  constructor(
    private readonly layout: Layout,
    private readonly solids: readonly Solid[],
    private readonly visible: Visible,
  ) {
    this.#shader = new Shader(solids, layout.lamps, layout.sky, layout.ground);
    this.#tileColumns = ceil(layout.camera.width / TILE);
    this.#tiles = this.#neighbours();
  }

  /** `[H, W, 3]`, sRGB. */
  render(): Uint8Array {
    const { height, width } = this.layout.camera;
    const { ids } = this.visible;
    const rgb = this.#rgb;
    const image = new Uint8Array(height * width * 3);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        this.#shade(x, y, x + 0.5, y + 0.5, ids[at]!);
        image[3 * at] = encode(rgb[0]!);
        image[3 * at + 1] = encode(rgb[1]!);
        image[3 * at + 2] = encode(rgb[2]!);
      }
    }
    this.#smoothEdges(image);
    return image;
  }

  #smoothEdges(image: Uint8Array): void {
    const { height, width } = this.layout.camera;
    const edges = this.#edges(image);
    const sum = new Float64Array(3);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        if (edges[at] === 0) continue;
        sum.fill(0);
        for (const [dx, dy] of SUBPIXELS) {
          const px = x + 0.5 + dx;
          const py = y + 0.5 + dy;
          this.#shade(x, y, px, py, this.#nearest(px, py));
          // light beyond white is cut before the mean, else glints keep hard edges
          for (let c = 0; c < 3; c++) sum[c]! += min(1, this.#rgb[c]!);
        }
        for (let c = 0; c < 3; c++) image[3 * at + c] = encode(sum[c]! / SUBPIXELS.length);
      }
    }
  }

  /** 1 where a pixel differs much from the one to its right or below, on both sides. */
  #edges(image: Uint8Array): Uint8Array {
    const { height, width } = this.layout.camera;
    const { ids } = this.visible;
    const edges = new Uint8Array(height * width);
    const compare = (a: number, b: number): void => {
      const differs =
        ids[a] !== ids[b] ||
        abs(image[3 * a]! - image[3 * b]!) > EDGE ||
        abs(image[3 * a + 1]! - image[3 * b + 1]!) > EDGE ||
        abs(image[3 * a + 2]! - image[3 * b + 2]!) > EDGE;
      if (differs) edges[a] = edges[b] = 1;
    };
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        if (x + 1 < width) compare(at, at + 1);
        if (y + 1 < height) compare(at, at + width);
      }
    }
    return edges;
  }

  /** Id of what is seen through a point of the image. */
  #nearest(px: number, py: number): number {
    const { camera } = this.layout;
    const [ox, oy, oz] = camera.position;
    const ray = this.#ray;
    camera.ray(px, py, ray);
    let nearest = Infinity;
    let id = 0;
    for (let i = 0; i < this.solids.length; i++) {
      const box = this.visible.boxes[i]!;
      if (px < box.left || px >= box.right || py < box.top || py >= box.bottom) continue;
      const depth = this.solids[i]!.intersect(ox, oy, oz, ray[0]!, ray[1]!, ray[2]!);
      if (depth < nearest) {
        nearest = depth;
        id = i + 1;
      }
    }
    return id;
  }

  /** Light through the point (px, py) of pixel (x, y), where the object `id` is seen, into `#rgb`. */
  #shade(x: number, y: number, px: number, py: number, id: number): void {
    const { camera } = this.layout;
    const ox = camera.position[0];
    const oy = camera.position[1];
    const oz = camera.position[2];
    camera.ray(px, py, this.#ray);
    const dx = this.#ray[0]!;
    const dy = this.#ray[1]!;
    const dz = this.#ray[2]!;
    const turn = turnOf(x, y);
    if (id === 0) {
      if (dz > HORIZON) {
        this.#shader.horizon(this.#rgb);
        return;
      }
      const depth = -oz / dz;
      const tile = this.#tiles[floor(y / TILE) * this.#tileColumns + floor(x / TILE)]!;
      this.#shader.ground(ox + depth * dx, oy + depth * dy, turn, this.#rgb, tile);
      return;
    }
    const solid = this.solids[id - 1]!;
    const depth = solid.intersect(ox, oy, oz, dx, dy, dz);
    this.#shader.solid(solid, ox + depth * dx, oy + depth * dy, oz + depth * dz, dx, dy, dz, turn, this.#rgb);
  }

  /** For each tile of the image, what can throw a shadow on the ground seen in it. */
  #neighbours(): Neighbours[] {
    const { camera, lamps } = this.layout;
    const [ox, oy, oz] = camera.position;
    const shadows = lamps.map((lamp) => this.solids.map((solid) => shadowBox(solid, lamp)));
    const tiles: Neighbours[] = [];
    const ray = this.#ray;
    for (let top = 0; top < camera.height; top += TILE) {
      for (let left = 0; left < camera.width; left += TILE) {
        let [minX, maxX, minY, maxY] = [Infinity, -Infinity, Infinity, -Infinity];
        for (const py of [top, top + TILE]) {
          for (const px of [left, left + TILE]) {
            camera.ray(px, py, ray);
            // above the horizon there is no ground, and far away is as good
            const depth = -oz / min(HORIZON, ray[2]!);
            const x = ox + depth * ray[0]!;
            const y = oy + depth * ray[1]!;
            minX = min(minX, x);
            maxX = max(maxX, x);
            minY = min(minY, y);
            maxY = max(maxY, y);
          }
        }
        tiles.push({
          casters: shadows.map((boxes) =>
            this.solids.filter((_, i) => {
              const box = boxes[i]!;
              return box.minX <= maxX && box.maxX >= minX && box.minY <= maxY && box.maxY >= minY;
            }),
          ),
          nearby: this.solids.filter((solid) => {
            const reach = skyReach(solid);
            return (
              solid.x - reach <= maxX && solid.x + reach >= minX && solid.y - reach <= maxY && solid.y + reach >= minY
            );
          }),
        });
      }
    }
    return tiles;
  }
}
