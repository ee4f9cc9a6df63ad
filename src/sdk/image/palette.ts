import type { Rgb } from './canvas';

/** Colours that are easy to tell apart, also side by side (Kelly 1965, without black, white and grey). */
const COLORS: readonly Rgb[] = [
  [243, 195, 0],
  [135, 86, 146],
  [243, 132, 0],
  [161, 202, 241],
  [190, 0, 50],
  [194, 178, 128],
  [0, 136, 86],
  [230, 143, 172],
  [0, 103, 165],
  [249, 147, 121],
  [96, 78, 151],
  [246, 166, 0],
  [179, 68, 108],
  [220, 211, 0],
  [136, 45, 23],
  [141, 182, 0],
];

/** Colour of the `index`-th slot or object; they repeat after 16. */
export function slotColor(index: number): Rgb {
  return COLORS[index % COLORS.length]!;
}
