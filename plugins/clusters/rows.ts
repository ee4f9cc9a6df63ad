/** What is measured of clusters, and what they are compared with. */
import type { MetricDescription } from 'osc-trainer/sdk';
import { meanScores, type MaskBaseline, type MaskScores } from 'osc-trainer/sdk/metrics';

/** A row of the table. */
export interface Row {
  /** In the names of its metrics: `kmeans`, `untrained/kmeans`, `blind/grid`. */
  readonly key: string;
  readonly label: string;
  /** What the model is compared with. */
  readonly baseline: boolean;
}

export type Algorithm = 'kmeans' | 'linkage';

/** Of clusters of the model's tokens. */
export const TRAINED: Readonly<Record<Algorithm, Row>> = {
  kmeans: { key: 'kmeans', label: 'k-means of tokens', baseline: false },
  linkage: { key: 'linkage', label: 'Average linkage of tokens', baseline: false },
};

/** Of those of the model before training. */
export const UNTRAINED: Readonly<Record<Algorithm, Row>> = {
  kmeans: { key: 'untrained/kmeans', label: 'untrained: k-means', baseline: true },
  linkage: { key: 'untrained/linkage', label: 'untrained: average linkage', baseline: true },
};

const SCORES = {
  ari: { label: 'ARI', of: 'ari' },
  fg_ari: { label: 'FG-ARI', of: 'fgAri' },
  mbo: { label: 'mBO', of: 'mbo' },
} as const;

type Score = keyof typeof SCORES;
const SCORE_NAMES = Object.keys(SCORES) as Score[];

export function baselineRow({ key, label }: MaskBaseline): Row {
  return { key, label, baseline: true };
}

/** `clusters/blind/grid/ari` */
export function metricName({ key }: Row, score: Score): string {
  return `clusters/${key}/${score}`;
}

export function describeRows(rows: readonly Row[]): Record<string, MetricDescription> {
  return Object.fromEntries(
    rows.flatMap((row) =>
      SCORE_NAMES.map((score): [string, MetricDescription] => [
        metricName(row, score),
        {
          label: `${row.label}, ${SCORES[score].label}`,
          better: 'higher',
          headline: score === 'ari' && !row.baseline,
          table: { row: row.label, column: SCORES[score].label },
          ...(row.baseline && { baseline: true }),
        },
      ]),
    ),
  );
}

/** Of many images; what is not defined on them is left out. */
export type Summary = Readonly<Partial<Record<Score, number>>>;

/** Means over images by names of scores; what no image defines is left out. */
export function summarise(images: readonly MaskScores[]): Summary {
  const means = meanScores(images);
  return Object.fromEntries(
    SCORE_NAMES.flatMap((score): [Score, number][] => {
      const mean = means[SCORES[score].of];
      return mean === undefined ? [] : [[score, mean]];
    }),
  );
}

/** The metrics of a row. */
export function metricsOf(row: Row, summary: Summary): Record<string, number> {
  return Object.fromEntries(
    SCORE_NAMES.flatMap((score) => (summary[score] === undefined ? [] : [[metricName(row, score), summary[score]]])),
  );
}
