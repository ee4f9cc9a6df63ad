/** What the numbers of masks mean, in words, by fixed rules. */
import { metricName, type Row } from './columns';

/** Differences below this say nothing. */
const MARGIN = 0.05;
/** Fewer objects than this: the share found is uncertain by more than 0.07. */
const FEW_OBJECTS = 50;
/** Shares of objects found. */
const MOST = 0.5;
const SOME = 0.2;

/** Name of the metric that counts the objects of the test images. */
export const NUM_OBJECTS = 'test/num_objects';

interface Scores {
  readonly label: string;
  readonly key: string;
  readonly ari: number;
  readonly found: number;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const best = (rows: readonly Scores[], by: 'ari' | 'found'): Scores | undefined =>
  rows.reduce<Scores | undefined>((most, row) => (most === undefined || row[by] > most[by] ? row : most), undefined);

/**
 * A sentence about the best of the model's masks (by ARI and objects found together), against baselines and the untrained
 * model. Rules, in this order; "better" is by more than 0.05:
 *
 * 1. fewer than 50 objects: too few to tell;
 * 2. neither ARI nor the share found is better than every blind tiling: no objects found;
 * 3. neither is better than the untrained model's best masks: training has not helped;
 * 4. less than 20 % found: few objects have a slot of their own; less than 50 %: some; else the masks follow objects;
 * 5. neither is better than k-means of colours: colours alone do as well.
 */
export function concludeFrom(metrics: Readonly<Record<string, number>>, rows: readonly Row[]): string {
  const scored = rows.flatMap((row): Scores[] => {
    const [ari, found] = [metrics[metricName('ari', row)], metrics[metricName('found', row)]];
    return ari === undefined || found === undefined ? [] : [{ label: row.label, key: row.key, ari, found }];
  });
  const of = (prefix: string): Scores[] => scored.filter(({ key }) => key.startsWith(prefix));
  const baselines = rows.filter(({ baseline }) => baseline).map(({ key }) => key);
  const model = scored.filter(({ key }) => !baselines.includes(key));
  const chosen = model.reduce<Scores | undefined>(
    (most, row) => (most === undefined || row.ari + row.found > most.ari + most.found ? row : most),
    undefined,
  );
  if (chosen === undefined) return 'No image of the test split has an object to be found.';
  const which = model.length > 1 ? ` by ${chosen.label}` : '';
  const found = `Objects: ${percent(chosen.found)} found${which} (IoU > 0.5)`;
  const ari = `ARI ${chosen.ari.toFixed(2)}`;
  const blind = of('blind/');
  const bestBlind = best(blind, 'ari');
  const untrained = of('untrained');
  const bestUntrained = best(untrained, 'ari');
  const against = [
    ...(bestBlind === undefined
      ? []
      : [`${bestBlind.ari.toFixed(2)} for the best blind baseline (${bestBlind.label.replace('blind: ', '')})`]),
    ...(bestUntrained === undefined ? [] : [`${bestUntrained.ari.toFixed(2)} untrained`]),
  ];
  if (against.length === 0) return `${found}; ${ari}. No baselines were measured to compare it with.`;
  return `${found}; ${ari} against ${against.join(' and ')}: ${verdict(chosen, blind, untrained, metrics[NUM_OBJECTS])}`;
}

function verdict(
  chosen: Scores,
  blind: readonly Scores[],
  untrained: readonly Scores[],
  numObjects: number | undefined,
): string {
  const betterThan = (others: readonly Scores[]): boolean =>
    chosen.ari > Math.max(...others.map(({ ari }) => ari)) + MARGIN ||
    chosen.found > Math.max(...others.map(({ found }) => found)) + MARGIN;
  if (numObjects !== undefined && numObjects < FEW_OBJECTS) {
    return `${numObjects} ${numObjects === 1 ? 'object is' : 'objects are'} too few to tell.`;
  }
  const colours = blind.filter(({ key }) => key === 'blind/colours');
  const tiles = blind.filter(({ key }) => key !== 'blind/colours');
  if (tiles.length > 0 && !betterThan(tiles)) return 'no better than blind tiles; this model has not found objects.';
  if (untrained.length > 0 && !betterThan(untrained)) {
    return 'no better than the untrained model; training has not helped to find objects.';
  }
  const amount =
    chosen.found >= MOST
      ? 'the masks follow objects'
      : chosen.found >= SOME
        ? 'the masks follow some of the objects'
        : 'the masks are not chance, but few objects have a slot of their own';
  if (colours.length > 0 && !betterThan(colours)) return `${amount}, and k-means of colours does as well or better.`;
  const more = best(colours, 'found');
  return more !== undefined && more.found > chosen.found + MARGIN
    ? `${amount}; k-means of colours finds more of them (${percent(more.found)}).`
    : `${amount}.`;
}
