/** From slots to masks. Letters: B images, S slots, C and H widths, P pixels in the order of cells, D = pixels of a cell. */
import * as tf from '@tensorflow/tfjs-core';
import { Module, type RandomSource } from 'osc-trainer/sdk';
import { Linear, sinePositions } from 'osc-trainer/sdk/nn';
import { linear } from 'osc-trainer/sdk/ops';
import type { Cells } from './cells';
import { spread } from './spread';

/** What slots put on the image. */
export interface Decoded {
  /** Of the masks, `[B, S, P]`. */
  readonly logits: tf.Tensor3D;
  /** Where each pixel of a slot has a colour of its own: unbounded, `[B, S, cells, 3, D]`. */
  readonly colors: tf.Tensor | null;
}

export interface Decoder extends Module {
  /** @param slots `[B, S, C]` */
  forward(slots: tf.Tensor3D): Decoded;
}

export interface DecoderConfig {
  /** C */
  readonly width: number;
  /** H */
  readonly hidden: number;
  readonly cells: Cells;
  /** Each pixel of a slot has a colour of its own. */
  readonly pixelColors: boolean;
}

function decoded(slots: tf.Tensor3D, cells: Cells, logits: tf.Tensor, colors: tf.Tensor | null): Decoded {
  const [rows, numSlots] = slots.shape;
  const [down, across] = cells.grid;
  return {
    logits: tf.reshape(logits, [rows, numSlots, -1]),
    colors: colors && tf.reshape(colors, [rows, numSlots, down * across, 3, cells.side ** 2]),
  };
}

/**
 * A small MLP of slot and place, the same at every cell (spatial broadcast). Its first layer is linear in `slot + position`, so it
 * costs one product for the slots and one for the positions, and none for slots × cells.
 *
 * Parameters `positions [cells, C]`, `slot.*`, `hidden.*`, `logits.*`, and `colors.*` for colours of pixels.
 */
export class BroadcastDecoder extends Module implements Decoder {
  readonly #cells: Cells;
  readonly #positions: tf.Variable<tf.Rank.R2>;
  readonly #slot: Linear;
  readonly #hidden: Linear;
  readonly #logits: Linear;
  readonly #colors: Linear | null;

  constructor({ width, hidden, cells, pixelColors }: DecoderConfig, random: RandomSource) {
    super();
    const layer = (name: string, inputs: number, out: number): Linear =>
      this.child(name, new Linear({ in: inputs, out }, random.scope(name)));
    const [down, across] = cells.grid;
    this.#cells = cells;
    this.#positions = this.parameter<tf.Rank.R2>(
      'positions',
      [down * across, width],
      sinePositions(cells.grid, width, 'losses.l_recon'),
    );
    this.#slot = layer('slot', width, hidden);
    this.#hidden = layer('hidden', hidden, hidden);
    this.#logits = layer('logits', hidden, cells.side ** 2);
    this.#colors = pixelColors ? layer('colors', hidden, 3 * cells.side ** 2) : null;
  }

  forward(slots: tf.Tensor3D): Decoded {
    const ofSlots = this.#slot.forward(tf.reshape<tf.Rank.R2>(slots, [-1, slots.shape[2]]));
    const ofPlaces = linear<tf.Tensor2D>(this.#positions, this.#slot.weight, null);
    const hidden = tf.relu(this.#hidden.forward(spread(ofSlots, ofPlaces)));
    return decoded(slots, this.#cells, this.#logits.forward(hidden), this.#colors && this.#colors.forward(hidden));
  }
}

/**
 * A mask is a product of a code of the slot and learned images, which start as products of sines down and across. Parameters
 * `code1.*`, `code2.*`, `images [H, P]`, and `colors [H, 3 P]` for colours of pixels.
 */
export class FcDecoder extends Module implements Decoder {
  readonly #cells: Cells;
  readonly #code1: Linear;
  readonly #code2: Linear;
  readonly #images: tf.Variable<tf.Rank.R2>;
  readonly #colors: tf.Variable<tf.Rank.R2> | null;

  constructor({ width, hidden, cells, pixelColors }: DecoderConfig, random: RandomSource) {
    super();
    const pixels = cells.grid[0] * cells.grid[1] * cells.side ** 2;
    this.#cells = cells;
    this.#code1 = this.child('code1', new Linear({ in: width, out: hidden }, random.scope('code1')));
    this.#code2 = this.child('code2', new Linear({ in: hidden, out: hidden }, random.scope('code2')));
    this.#images = this.parameter<tf.Rank.R2>('images', [hidden, pixels], () => sineImages(hidden, cells, 1));
    this.#colors = pixelColors
      ? this.parameter<tf.Rank.R2>('colors', [hidden, 3 * pixels], () => sineImages(hidden, cells, 3))
      : null;
  }

  forward(slots: tf.Tensor3D): Decoded {
    const flat = tf.reshape<tf.Rank.R2>(slots, [-1, slots.shape[2]]);
    const code = tf.relu(this.#code2.forward(tf.relu(this.#code1.forward(flat))));
    const colors = this.#colors && tf.matMul(code, this.#colors);
    return decoded(slots, this.#cells, tf.matMul(code, this.#images), colors);
  }
}

const AMPLITUDE = 0.3;

/**
 * `count` images, products of a wave down and one across, those of few periods first and largest: `[count, cells × channels × D]`,
 * the same in each channel.
 */
function sineImages(count: number, { grid: [down, across], side }: Cells, channels: number): Float32Array {
  const [height, width] = [down * side, across * side];
  const waves = Math.ceil(Math.sqrt(count));
  const wave = (n: number, at: number, length: number): number => {
    const angle = Math.PI * ((n >> 1) + 0.5) * ((2 * (at + 0.5)) / length - 1);
    return n % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  };
  const pairs = Array.from({ length: waves * waves }, (_, i) => [Math.floor(i / waves), i % waves] as const)
    .sort(([a, b], [c, d]) => a + b - (c + d) || a - c)
    .slice(0, count);
  const out = new Float32Array(count * channels * height * width);
  let place = 0;
  for (const [m, n] of pairs) {
    const size = AMPLITUDE / Math.sqrt(1 + (m >> 1) + (n >> 1));
    for (let cell = 0; cell < down * across; cell++) {
      for (let within = 0; within < channels * side * side; within++) {
        const pixel = within % (side * side);
        const y = Math.floor(cell / across) * side + Math.floor(pixel / side);
        const x = (cell % across) * side + (pixel % side);
        out[place++] = size * wave(m, y, height) * wave(n, x, width);
      }
    }
  }
  return out;
}
