/** The loss from its definition, in plain numbers (float64), pixel by pixel. */
import type { NamedParameters } from 'osc-trainer/sdk';
import type { SlotMixtureOptions } from './options';

export type Values = Readonly<Record<string, Float64Array>>;

export interface PlainInput {
  readonly options: SlotMixtureOptions;
  /** `[H, W]` */
  readonly imageSize: readonly [number, number];
  /** C */
  readonly width: number;
  /** S */
  readonly numSlots: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Weight of the entropy at this time. */
  readonly entropyWeight: number;
}

/** What one image gives; y and x are pixels. */
export interface PlainOutput {
  readonly loss: number;
  readonly mse: number;
  /** Of the areas. */
  readonly entropy: number;
  /** Of the masks, 0 to 1. */
  readonly maskEntropy: number;
  /** `[S][y][x]` */
  readonly masks: number[][][];
  /** `[3][y][x]` */
  readonly image: number[][][];
}

export function valuesOf(parameters: NamedParameters): Record<string, Float64Array> {
  return Object.fromEntries(Array.from(parameters, ([name, value]) => [name, Float64Array.from(value.dataSync())]));
}

const relu = (x: number[]): number[] => x.map((v) => Math.max(0, v));

/** `W x + b`; W is `[out, in]`. */
function affine(values: Values, name: string, x: readonly number[]): number[] {
  const [weight, bias] = [values[`${name}.weight`]!, values[`${name}.bias`]!];
  return Array.from(bias, (b, o) => x.reduce((sum, v, i) => sum + v * weight[o * x.length + i]!, b));
}

/** @param slots `[S, C]`; @param image `[3, H, W]` normalised */
export function plainLoss(input: PlainInput, values: Values, slots: Float64Array, image: Float64Array): PlainOutput {
  const { options, imageSize, width, numSlots, mean, std, entropyWeight } = input;
  const [height, across] = imageSize;
  const slotOf = (s: number): number[] => Array.from(slots.subarray(s * width, (s + 1) * width));
  const { cell } = options;
  const perCell = cell * cell;
  const columns = across / cell;

  /** What the decoder has for a slot at the cell and place of a pixel: a logit, and a colour where pixels have their own. */
  const decode = (s: number, y: number, x: number): { logit: number; color: number[] } => {
    const where = Math.floor(y / cell) * columns + Math.floor(x / cell);
    const within = (y % cell) * cell + (x % cell);
    if (options.decoder === 'fc') {
      const code = relu(affine(values, 'decoder.code2', relu(affine(values, 'decoder.code1', slotOf(s)))));
      const images = values['decoder.images']!;
      const colors = values['decoder.colors'];
      const pixels = height * across;
      const product = (of: Float64Array, length: number, place: number): number =>
        code.reduce((sum, v, h) => sum + v * of[h * length + place]!, 0);
      return {
        logit: product(images, pixels, where * perCell + within),
        color: colors ? [0, 1, 2].map((c) => product(colors, 3 * pixels, (where * 3 + c) * perCell + within)) : [],
      };
    }
    const position = values['decoder.positions']!.subarray(where * width, (where + 1) * width);
    const first = affine(
      values,
      'decoder.slot',
      slotOf(s).map((v, i) => v + position[i]!),
    );
    const hidden = relu(affine(values, 'decoder.hidden', relu(first)));
    const colors = 'decoder.colors.weight' in values ? affine(values, 'decoder.colors', hidden) : [];
    return {
      logit: affine(values, 'decoder.logits', hidden)[within]!,
      color: colors.length > 0 ? [0, 1, 2].map((c) => colors[c * perCell + within]!) : [],
    };
  };

  const bounded = (z: number, c: number): number => {
    const span = 1 / std[c]!;
    const start = Math.log(mean[c]! / (1 - mean[c]!));
    return -mean[c]! / std[c]! + span / (1 + Math.exp(-(4 * z) / span - start));
  };
  const plain = Array.from({ length: numSlots }, (_, s) =>
    options.color === 'pixel'
      ? []
      : affine(values, 'colors.mlp.fc2', relu(affine(values, 'colors.mlp.fc1', slotOf(s)))),
  );
  const colorOf = (s: number, c: number, y: number, x: number, ofPixel: number[]): number => {
    if (options.color === 'pixel') return bounded(ofPixel[c]!, c);
    const flat = bounded(plain[s]![c]!, c);
    if (options.color === 'flat') return flat;
    const [v, u] = [((y + 0.5) / height) * 2 - 1, ((x + 0.5) / across) * 2 - 1];
    return flat + 0.5 * plain[s]![3 + c]! * v + 0.5 * plain[s]![6 + c]! * u;
  };

  const grid = (count: number): number[][][] =>
    Array.from({ length: count }, () => Array.from({ length: height }, () => new Array<number>(across).fill(0)));
  const [masks, painted] = [grid(numSlots), grid(3)];
  let error = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < across; x++) {
      const each = Array.from({ length: numSlots }, (_, s) => decode(s, y, x));
      const total = each.reduce((sum, { logit }) => sum + Math.exp(logit), 0);
      each.forEach(({ logit }, s) => (masks[s]![y]![x] = Math.exp(logit) / total));
      for (let c = 0; c < 3; c++) {
        painted[c]![y]![x] = each.reduce(
          (sum, { color }, s) => sum + masks[s]![y]![x]! * colorOf(s, c, y, x, color),
          0,
        );
        error += (painted[c]![y]![x]! - image[(c * height + y) * across + x]!) ** 2;
      }
    }
  }
  const pixels = height * across;
  const areas = masks.map((mask) => mask.flat().reduce((sum, v) => sum + v, 0) / pixels);
  const entropy = -areas.reduce((sum, area) => sum + area * Math.log(area + 1e-6), 0);
  const ofMasks = -masks.flat(2).reduce((sum, v) => sum + v * Math.log(v + 1e-6), 0);
  const maskEntropy = ofMasks / (pixels * Math.log(numSlots));
  const mse = error / (3 * pixels);
  return { loss: mse + entropyWeight * entropy, mse, entropy, maskEntropy, masks, image: painted };
}
