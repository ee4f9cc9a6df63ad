/** Curves over a pair of axes, as evaluators ask for them. */
import type { CurvePlot, PlotAxis } from '../sdk';
import { Canvas, captionHeight, captionWidth, type Rgb } from '../sdk/image';
import { drawBand, type BandPoint } from './band';
import { writePicture } from './write-picture';

const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [60, 60, 60];
const GRID: Rgb = [225, 225, 225];
const COLORS: readonly Rgb[] = [
  [0, 103, 165],
  [190, 0, 50],
  [0, 136, 86],
  [243, 132, 0],
  [135, 86, 146],
  [96, 178, 215],
  [136, 45, 23],
  [150, 150, 150],
];
const SIDE = 480;
const MARGIN = { left: 80, right: 24, bottom: 64 };
const GAP = 10;
const SCALE = 2;
const TICKS = 5;
/** Side of the square at a point of a curve whose places on the axis have names. */
const MARK = 7;

/** Three digits at most. */
const tickLabel = (value: number): string => String(Number(value.toPrecision(3)));

function ticksOf({ range: [from, to], ticks }: PlotAxis): NonNullable<PlotAxis['ticks']> {
  const evenly = Array.from({ length: TICKS }, (_, tick) => from + ((to - from) * tick) / (TICKS - 1));
  return ticks ?? evenly.map((at) => ({ at, label: tickLabel(at) }));
}

/** Curves some of which stand for several. */
export interface BandPlot extends CurvePlot {
  readonly curves: readonly (CurvePlot['curves'][number] & {
    /** How far they lie apart around it, drawn pale. */
    readonly band?: readonly BandPoint[] | undefined;
  })[];
}

/** One line a curve above the axes, the label of y on top of them, that of x below. */
export function drawCurvePlot({ x, y, curves }: BandPlot): Canvas {
  const row = captionHeight(SCALE) + GAP;
  const top = GAP + curves.length * row + 2 * row;
  const [left, bottom] = [MARGIN.left, top + SIDE];
  const canvas = new Canvas(left + SIDE + MARGIN.right, bottom + MARGIN.bottom, PAPER);
  const place = ({ range: [from, to] }: PlotAxis, value: number): number =>
    SIDE * Math.min(1, Math.max(0, (value - from) / (to - from)));
  const atX = (value: number): number => left + place(x, value);
  const atY = (value: number): number => bottom - place(y, value);
  const textFrom = (text: string, start: number, at: number, color: Rgb): void => {
    canvas.caption(text, start + captionWidth(text, SCALE) / 2, at, color, SCALE);
  };

  for (const { at, label } of ticksOf(x)) {
    canvas.line(atX(at), top, atX(at), bottom, GRID, 1);
    canvas.caption(label, atX(at), bottom + GAP, INK, SCALE);
  }
  for (const { at, label } of ticksOf(y)) {
    canvas.line(left, atY(at), left + SIDE, atY(at), GRID, 1);
    textFrom(label, left - GAP - captionWidth(label, SCALE), atY(at) - captionHeight(SCALE) / 2, INK);
  }
  canvas.line(left, top, left, bottom, INK, 2);
  canvas.line(left, bottom, left + SIDE, bottom, INK, 2);
  canvas.caption(x.label, left + SIDE / 2, bottom + GAP + row, INK, SCALE);
  textFrom(y.label, left, top - row, INK);

  curves.forEach(({ band = [] }, i) => {
    const placed = band.map(([at, low, high]): BandPoint => [atX(at), atY(high), atY(low)]);
    drawBand(canvas, placed, COLORS[i % COLORS.length]!);
  });
  curves.forEach(({ label, points }, i) => {
    const color = COLORS[i % COLORS.length]!;
    const at = GAP + i * row;
    canvas.line(left, at + captionHeight(SCALE) / 2, left + 2 * GAP, at + captionHeight(SCALE) / 2, color, 3);
    textFrom(label, left + 3 * GAP, at, color);
    if (x.ticks)
      for (const [atX0, atY0] of points) canvas.line(atX(atX0), atY(atY0), atX(atX0), atY(atY0), color, MARK);
    points.slice(1).forEach(([toX, toY], before) => {
      const [fromX, fromY] = points[before]!;
      canvas.line(atX(fromX), atY(fromY), atX(toX), atY(toY), color, 2);
    });
  });
  return canvas;
}

export async function writeCurvePlot(plot: BandPlot, path: string): Promise<void> {
  await writePicture(drawCurvePlot(plot), path);
}
