/** The metrics of all levels and sources, their table, and what they say. */
import type { DatasetVariation, MetricDescription } from 'osc-trainer/sdk';
import { ATTENTION, SCORES, type Score } from './scores';
import type { Source } from './sources';

/** Of a variation, or the data set as it is. */
export interface Level {
  /** In the names of its metrics: `objects/10`. */
  readonly name: string;
  readonly label: string;
  /** In the table. */
  readonly row: string;
}

/** The data set as it is. */
export const AS_IS: Level = { name: 'as_is', label: 'the data set as it is', row: 'as it is' };

/** Differences below this say nothing. */
const MARGIN = 0.05;

export function levelName(variation: { readonly name: string }, level: { readonly name: string }): string {
  return `${variation.name}/${level.name}`;
}

export function levelsOf(variations: readonly DatasetVariation[]): Level[] {
  const ofVariations = variations.flatMap((variation) =>
    variation.levels.map((level) => ({
      name: levelName(variation, level),
      label: `${variation.label} ${level.name}`,
      row: `${variation.name} ${level.name}`,
    })),
  );
  return [AS_IS, ...ofVariations];
}

/** `robustness/light/0.5/ari` of attention, of another source `robustness/light/0.5/KEY/ari`. */
export function metricName(level: string, source: string, score: string): string {
  return ['robustness', level, ...(source === ATTENTION ? [] : [source]), score].join('/');
}

/** A table of each score, one below the other: levels down, sources across. */
export function describe(levels: readonly Level[], sources: readonly Source[]): Record<string, MetricDescription> {
  return Object.fromEntries(
    (Object.keys(SCORES) as Score[]).flatMap((score) =>
      levels.flatMap(({ name, label, row }) =>
        sources.map(({ key, label: column, baseline }): [string, MetricDescription] => [
          metricName(name, key, score),
          {
            label: `${SCORES[score].label}${key === ATTENTION ? '' : ` of ${column}`}, ${label}`,
            better: 'higher',
            table: { row: `${SCORES[score].label}, ${row}`, column },
            ...(baseline && { baseline }),
          },
        ]),
      ),
    ),
  );
}

interface Measured {
  readonly level: Level;
  readonly mbo: number;
}

/**
 * Where the model's masks (those with the greatest mBO on the data set as it is) find least of objects, and what others find there.
 * By mBO: ARI may rise with textures, since the background decides it.
 */
export function concludeFrom(
  metrics: Readonly<Record<string, number>>,
  levels: readonly Level[],
  sources: readonly Source[],
): string {
  const mboOf = (level: Level, source: Source): number | undefined =>
    metrics[metricName(level.name, source.key, 'mbo')];
  const model = sources
    .filter(({ baseline }) => !baseline)
    .flatMap((source) => {
      const asIs = mboOf(AS_IS, source);
      return asIs === undefined ? [] : [{ source, asIs }];
    })
    .reduce<{ source: Source; asIs: number } | null>((best, one) => (one.asIs > (best?.asIs ?? -1) ? one : best), null);
  if (model === null) return 'There was nothing to compare.';
  const { source, asIs } = model;
  const measured = levels.flatMap((level): Measured[] => {
    const mbo = mboOf(level, source);
    return mbo === undefined ? [] : [{ level, mbo }];
  });
  const worst = measured.reduce((least, one) => (one.mbo < least.mbo ? one : least));
  const blind = sources.filter(({ key }) => key.startsWith('blind/'));
  const noBetter = measured.filter(({ level, mbo }) =>
    blind.some((one) => mbo <= (mboOf(level, one) ?? -Infinity) + MARGIN),
  );
  const others = sources
    .filter(({ key }) => key === 'untrained' || key.startsWith('blind/'))
    .flatMap((one) => {
      const mbo = mboOf(worst.level, one);
      return mbo === undefined ? [] : [`${one.label} ${mbo.toFixed(2)}`];
    });
  const against = others.length === 0 ? '' : ` (${others.join(', ')})`;
  const fall =
    worst.mbo < asIs
      ? `mBO of ${source.label} is ${asIs.toFixed(2)} on the data set as it is, and lowest at ${worst.level.row}: ${worst.mbo.toFixed(2)}${against}.`
      : `At no level is mBO of ${source.label} lower than on the data set as it is.`;
  if (noBetter.length === 0) return fall;
  return `${fall} At ${noBetter.length} of ${measured.length} levels it is no better than blind masks.`;
}
