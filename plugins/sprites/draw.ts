/** One image of flat shapes on black, a function of its draws. */
import { RunError, type RandomStream, type Sample } from 'osc-trainer/sdk';

export const SHAPES = ['square', 'ellipse', 'heart'] as const;
/** In the order of hues, from 0 on, an eighth of the circle each. */
export const COLORS = ['red', 'yellow', 'lime', 'green', 'cyan', 'blue', 'purple', 'pink'] as const;

/** Each sprite shows at least this part of itself. */
const MIN_VISIBLE = 0.35;
const TRIES = 2000;
const MASKED = 255;
/** Radius in shorter sides of the image; part of the image that has no centre, at each side. */
const RADIUS = { smallest: 0.13, largest: 0.22 };
const BORDER = 0.15;

interface Sprite {
  /** Codes: positions in the lists above plus one. */
  readonly shape: number;
  readonly color: number;
  /** 0..1 each. */
  readonly rgb: readonly [number, number, number];
  /** Centre, in pixels: that of the first pixel is (0.5, 0.5). */
  readonly x: number;
  readonly y: number;
  /** In pixels. */
  readonly radius: number;
  /** In radians. */
  readonly orientation: number;
}

export interface SpritesSize {
  readonly height: number;
  readonly width: number;
  readonly minObjects: number;
  readonly maxObjects: number;
}

/** @param hue in circles */
function rgbOf(hue: number, saturation: number, value: number): [number, number, number] {
  const channel = (shift: number): number => {
    const k = (shift + 6 * hue) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

function drawSprite(random: RandomStream, { height, width }: SpritesSize): Sprite {
  const between = (from: number, to: number): number => from + (to - from) * random.uniform();
  const color = random.integer(COLORS.length);
  return {
    shape: 1 + random.integer(SHAPES.length),
    color: 1 + color,
    rgb: rgbOf((color + random.uniform()) / COLORS.length, between(0.6, 1), between(0.6, 1)),
    x: width * between(BORDER, 1 - BORDER),
    y: height * between(BORDER, 1 - BORDER),
    radius: Math.min(height, width) * between(RADIUS.smallest, RADIUS.largest),
    orientation: 2 * Math.PI * random.uniform(),
  };
}

/** Whether a point is in the shape of radius 1 about the origin. */
function isInside(shape: (typeof SHAPES)[number], u: number, v: number): boolean {
  if (shape === 'square') return Math.max(Math.abs(u), Math.abs(v)) < 0.85;
  if (shape === 'ellipse') return u * u + (v / 0.7) ** 2 < 1;
  const [x, y] = [1.44 * u * u, 1.2 * v];
  return (x + y * y - 1) ** 3 - x * y ** 3 < 0;
}

/** `[H, W]`: the number of the sprite that is seen, from 1; 0 where none is. Later sprites lie before earlier ones. */
function paint(sprites: readonly Sprite[], { height, width }: SpritesSize): { labels: Uint8Array; whole: number[] } {
  const labels = new Uint8Array(height * width);
  const whole = sprites.map((sprite, i) => {
    const shape = SHAPES[sprite.shape - 1]!;
    const [c, s] = [Math.cos(sprite.orientation) / sprite.radius, Math.sin(sprite.orientation) / sprite.radius];
    let pixels = 0;
    for (let row = 0, at = 0; row < height; row++) {
      for (let column = 0; column < width; column++, at++) {
        const [dx, dy] = [column + 0.5 - sprite.x, row + 0.5 - sprite.y];
        if (!isInside(shape, dx * c + dy * s, dy * c - dx * s)) continue;
        labels[at] = i + 1;
        pixels++;
      }
    }
    return pixels;
  });
  return { labels, whole };
}

function showEnough(labels: Uint8Array, whole: readonly number[]): boolean {
  const seen = new Array<number>(whole.length + 1).fill(0);
  for (const label of labels) seen[label]!++;
  return whole.every((pixels, i) => seen[i + 1]! >= Math.max(1, MIN_VISIBLE * pixels));
}

/** @throws RunError where no arrangement shows enough of every sprite */
export function drawImage(random: RandomStream, size: SpritesSize): Sample {
  const { minObjects, maxObjects } = size;
  const count = minObjects + random.integer(maxObjects - minObjects + 1);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const sprites = Array.from({ length: count }, () => drawSprite(random, size));
    const { labels, whole } = paint(sprites, size);
    if (showEnough(labels, whole)) return sampleOf(sprites, labels, size);
  }
  throw new RunError(
    `No arrangement of ${count} sprites was found in which enough of each is seen, in ${TRIES} tries.`,
    undefined,
    ['Lower `data.max_objects`.'],
  );
}

/** The background is the first of the K masks and attributes; those of sprites that are not there are 0. */
function sampleOf(sprites: readonly Sprite[], labels: Uint8Array, { height, width, maxObjects }: SpritesSize): Sample {
  const numMasks = maxObjects + 1; // K
  const image = new Uint8Array(3 * labels.length);
  const masks = new Uint8Array(numMasks * labels.length);
  const bytes = sprites.map(({ rgb }) => rgb.map((value) => Math.round(255 * value)));
  labels.forEach((label, at) => {
    masks[label * labels.length + at] = MASKED;
    if (label > 0) image.set(bytes[label - 1]!, 3 * at);
  });
  const floats = (of: (sprite: Sprite) => number, background = 0) => ({
    values: Float32Array.from({ length: numMasks }, (_, k) =>
      k === 0 ? background : sprites[k - 1] === undefined ? 0 : of(sprites[k - 1]!),
    ),
    shape: [numMasks],
  });
  const codes = (name: 'shape' | 'color') => ({
    values: Uint8Array.from({ length: numMasks }, (_, k) => sprites[k - 1]?.[name] ?? 0),
    shape: [numMasks],
  });
  const rgb = new Float32Array(3 * numMasks);
  sprites.forEach((sprite, i) => rgb.set(sprite.rgb, 3 * (i + 1)));
  return {
    image,
    height,
    width,
    masks,
    numMasks,
    attributes: {
      visibility: floats(() => 1, 1),
      x: floats(({ x }) => x),
      y: floats(({ y }) => y),
      radius: floats(({ radius }) => radius),
      orientation: floats(({ orientation }) => orientation),
      shape: codes('shape'),
      color: codes('color'),
      rgb: { values: rgb, shape: [numMasks, 3] },
    },
  };
}
