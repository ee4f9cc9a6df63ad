/** Curves over the levels of a variation: where the data set lies, and how scores fall beside it. */
import type { CurvePlot, DatasetVariation } from 'osc-trainer/sdk';
import { SCORES, type Score, type ScoresBySource } from './scores';
import type { Source } from './sources';

/** FG-ARI is left out: tiles that know nothing of the image are not bad at it. */
const DRAWN: readonly Score[] = ['ari', 'mbo'];

/** Left and right of the levels, so that their names have room. */
const MARGIN = 0.25;

export interface MeasuredLevel {
  readonly name: string;
  readonly value: number;
  readonly scores: ScoresBySource;
}

/** A plot for each score, with a curve for each source. Levels in ascending order, evenly spaced: not every one is a number. */
export function curvesOf(
  { name, label, current }: DatasetVariation,
  levels: readonly MeasuredLevel[],
  sources: readonly Source[],
): CurvePlot[] {
  const ordered = [...levels].sort((a, b) => a.value - b.value);
  return DRAWN.map((score) => {
    const curves = sources.map((source) => ({
      label: source.label,
      points: ordered.flatMap(({ scores }, at): [number, number][] => {
        const value = scores.get(source.key)?.[score];
        return value === undefined ? [] : [[at, value]];
      }),
    }));
    const lowest = Math.min(0, ...curves.flatMap(({ points }) => points.map(([, value]) => value)));
    return {
      name: `robustness-${`${name}-${score}`.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`,
      x: {
        label: `${label} - data set is ${current.name}`,
        range: [-MARGIN, ordered.length - 1 + MARGIN],
        ticks: ordered.map((level, at) => ({ at, label: level.name })),
      },
      y: { label: SCORES[score].label.toLowerCase(), range: [lowest, 1] },
      curves,
    };
  });
}
