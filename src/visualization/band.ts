import type { Canvas, Rgb } from '../sdk/image';

/** A place on x, and the ends of the band there. */
export type BandPoint = readonly [x: number, low: number, high: number];

/** How much of the color there is: what lies below shows through, other bands too. */
const OPACITY = 0.22;

/** Fills the area between the ends, which are joined by straight lines. @param points in pixels, from left to right */
export function drawBand(canvas: Canvas, points: readonly BandPoint[], color: Rgb): void {
  points.slice(1).forEach(([x1, top1, bottom1], before) => {
    const [x0, top0, bottom0] = points[before]!;
    const [from, to] = [Math.round(x0), Math.round(x1)];
    // the column where two pieces meet is of the second one, lest it be filled twice
    const end = before === points.length - 2 ? to : to - 1;
    for (let x = from; x <= end; x++) {
      const share = to === from ? 0 : (x - from) / (to - from);
      fillColumn(canvas, x, top0 + share * (top1 - top0), bottom0 + share * (bottom1 - bottom0), color);
    }
  });
}

function fillColumn({ pixels, width, height }: Canvas, x: number, top: number, bottom: number, color: Rgb): void {
  for (let y = Math.max(0, Math.round(top)); y <= Math.min(height - 1, Math.round(bottom)); y++) {
    const at = (y * width + x) * 3;
    for (let c = 0; c < 3; c++) pixels[at + c] = Math.round(pixels[at + c]! * (1 - OPACITY) + color[c]! * OPACITY);
  }
}
