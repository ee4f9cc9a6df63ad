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

export function baselineRow({ key, label }: MaskBaseline): Row {
  return { key, label, baseline: true };
}

function metricName({ key }: Row, score: string): string {
  return `clusters/${key}/${score}`;
}

export function describeRows(rows: readonly Row[]): Record<string, MetricDescription> {
  return Object.fromEntries(
    rows.flatMap((row) =>
      Object.entries(SCORES).map(([score, { label }]): [string, MetricDescription] => [
        metricName(row, score),
        {
          label: `${row.label}, ${label}`,
          better: 'higher',
          headline: score === 'ari' && !row.baseline,
          table: { row: row.label, column: label },
          ...(row.baseline && { baseline: true }),
        },
      ]),
    ),
  );
}

/** Means over images by names of scores; what no image defines is left out. */
export function summarise(images: readonly MaskScores[]): Record<string, number> {
  const means = meanScores(images);
  return Object.fromEntries(
    Object.entries(SCORES).flatMap(([score, { of }]): [string, number][] => {
      const mean = means[of];
      return mean === undefined ? [] : [[score, mean]];
    }),
  );
}

/** The metrics of a row. */
export function metricsOf(row: Row, summary: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(summary).map(([score, value]) => [metricName(row, score), value]));
}
