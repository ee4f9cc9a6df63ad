/** From slots, their masks and what they may paint to an image. Letters as in decoders.ts. */
import * as tf from '@tensorflow/tfjs-core';
import { Module, type Mode, type RandomSource } from 'osc-trainer/sdk';
import { Mlp } from 'osc-trainer/sdk/nn';
import { planeOf, type Cells } from './cells';

/** What a channel of a pixel may be, normalised. Bounds are needed: without them faint masks of bright colours are as good. */
export class ColorRange {
  readonly #low: readonly number[];
  readonly #span: readonly number[];
  readonly #start: readonly number[];

  /** @param mean of each channel in [0, 1], and the standard deviation by which it was divided */
  constructor(mean: readonly number[], std: readonly number[]) {
    this.#low = mean.map((m, c) => -m / std[c]!);
    this.#span = std.map((s) => 1 / s);
    this.#start = mean.map((m) => {
      const inside = Math.min(Math.max(m, 0.1), 0.9);
      return Math.log(inside / (1 - inside));
    });
  }

  /**
   * `[..., 3, D]` → the same, between black and white: about the mean and with slope 1 where the input is 0, for a mean of one half.
   */
  bound<T extends tf.Tensor>(x: T, channelsLast: boolean): T {
    const shape = channelsLast ? [3] : [3, 1];
    const of = (values: readonly number[]): tf.Tensor => tf.tensor([...values], shape);
    const steepness = this.#span.map((span) => 4 / span);
    const inside = tf.sigmoid(tf.add(tf.mul(x, of(steepness)), of(this.#start)));
    return tf.add<T>(tf.mul(inside, of(this.#span)), of(this.#low));
  }
}

/** The image of masks `[B, S, P]` and colours that a slot has as a whole: `[B, 3, P]`. */
export class PlainColors extends Module {
  readonly #mlp: Mlp;

  /** @param cells null: one colour a slot; else it changes linearly down and across */
  constructor(
    width: number,
    hidden: number,
    private readonly range: ColorRange,
    private readonly cells: Cells | null,
    random: RandomSource,
  ) {
    super();
    const out = cells === null ? 3 : 9;
    this.#mlp = this.child('mlp', new Mlp({ in: width, hidden, out, activation: 'relu' }, random.scope('mlp')));
  }

  paint(slots: tf.Tensor3D, masks: tf.Tensor3D, mode: Mode): tf.Tensor3D {
    const raw = this.#mlp.forward(slots, mode);
    if (this.cells === null) return tf.matMul(this.range.bound(raw, true), masks, true, false);
    const [rows, numSlots] = raw.shape;
    const middle = this.range.bound(tf.slice(raw, [0, 0, 0], [rows, numSlots, 3]), true);
    const slopes = tf.mul<tf.Tensor3D>(tf.slice(raw, [0, 0, 3], [rows, numSlots, 6]), 0.5);
    // [B, 9, P]: what to add for 1, for y and for x
    const parts = tf.matMul(tf.concat([middle, slopes], 2), masks, true, false);
    const pixels = masks.shape[2];
    const plane = tf.tensor(planeOf(this.cells), [3, 1, pixels]);
    return tf.sum(tf.mul(tf.reshape(parts, [rows, 3, 3, pixels]), plane), 1);
  }
}

/** The image of masks `[B, S, P]` and unbounded colours of each pixel `[B, S, cells, 3, D]`: `[B, 3, P]`. */
export function paintPixels(colors: tf.Tensor, masks: tf.Tensor3D, range: ColorRange): tf.Tensor3D {
  const [rows, numSlots, cells, , perCell] = colors.shape as [number, number, number, number, number];
  const weights = tf.reshape(masks, [rows, numSlots, cells, 1, perCell]);
  const painted = tf.sum<tf.Tensor4D>(tf.mul(range.bound(colors, false), weights), 1); // [B, cells, 3, D]
  return tf.reshape(tf.transpose(painted, [0, 2, 1, 3]), [rows, 3, cells * perCell]);
}
