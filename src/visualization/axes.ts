/** Axes and labels of plots that show whatever numbers there are. */
import type { PlotAxis } from '../sdk';

/** In the characters that captions of pictures have. */
export function plotLabel(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9._=/,:-]+/g, ' ')
    .trim();
}

const MAX_TICKS = 5;

/** From 0, marked at whole numbers. */
export function countAxis(label: string, last: number): PlotAxis {
  const step = niceStep(last / MAX_TICKS, true);
  const ticks = Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => ({
    at: i * step,
    label: String(i * step),
  }));
  return { label, range: [0, last], ticks };
}

/** Around all values, with ends that are easy to read: four steps between the ticks of a plot. */
export function niceRange(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  for (let step = niceStep((high - low) / 4 || Math.abs(high) / 4 || 1, false); ; step = niceStep(step * 1.01, false)) {
    const from = Math.floor(low / step) * step;
    if (from + 4 * step >= high) return [rounded(from), rounded(from + 4 * step)];
  }
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number, whole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= least * 0.999999)!;
  return whole ? Math.max(1, Math.round(step)) : step;
}

const rounded = (value: number): number => Number(value.toPrecision(12));
