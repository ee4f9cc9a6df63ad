/** What the numbers of clusters mean, in words, by fixed rules. */
import { metricName, TRAINED, UNTRAINED, type Row } from './rows';

/** Differences below this say nothing. */
const MARGIN = 0.05;

interface Scores {
  readonly label: string;
  readonly ari: number;
  readonly mbo: number;
}

/**
 * A sentence about the model's better clusters (by ARI and mBO together), against the untrained model's and blind masks. Rules, in
 * this order; "better" is by more than 0.05 of ARI or mBO than the best of the others, each score for itself:
 *
 * 1. not better than every blind tiling: the tokens do not tell objects apart;
 * 2. not better than the untrained model's: training has added nothing;
 * 3. not better than k-means of colours: colours alone tell as much; else the tokens know more of objects than their colours.
 */
export function concludeFrom(metrics: Readonly<Record<string, number>>, baselines: readonly Row[]): string {
  const scoresOf = (rows: readonly Row[]): Scores[] =>
    rows.flatMap((row) => {
      const [ari, mbo] = [metrics[metricName(row, 'ari')], metrics[metricName(row, 'mbo')]];
      return ari === undefined || mbo === undefined ? [] : [{ label: row.label, ari, mbo }];
    });
  const chosen = scoresOf(Object.values(TRAINED)).sort((a, b) => b.ari + b.mbo - a.ari - a.mbo)[0];
  if (chosen === undefined) return 'No image of the test split has an object to be found.';
  const colours = scoresOf(baselines.filter(({ key }) => key === 'blind/colours'));
  const tiles = scoresOf(baselines.filter(({ key }) => key.startsWith('blind/') && key !== 'blind/colours'));
  const untrained = scoresOf(Object.values(UNTRAINED));
  const what = `Tokens: ARI ${chosen.ari.toFixed(2)} and mBO ${chosen.mbo.toFixed(2)} by ${inSentence(chosen.label)}`;
  const against = [
    ...bestOf('untrained', untrained),
    ...bestOf('for the best blind baseline of each', [...tiles, ...colours]),
  ];
  if (against.length === 0) return `${what}. No baselines were measured to compare it with.`;
  const betterThan = (others: readonly Scores[]): boolean =>
    others.length === 0 ||
    chosen.ari > Math.max(...others.map(({ ari }) => ari)) + MARGIN ||
    chosen.mbo > Math.max(...others.map(({ mbo }) => mbo)) + MARGIN;
  return `${what} against ${against.join(' and ')}: ${verdict(betterThan(tiles), betterThan(untrained), betterThan(colours))}`;
}

function verdict(overTiles: boolean, overUntrained: boolean, overColours: boolean): string {
  if (!overTiles) return 'no better than blind tiles; these tokens do not tell objects apart.';
  if (!overUntrained) return 'no better than the untrained model; training has added nothing.';
  if (!overColours) return 'better than untrained, and k-means of colours does as well or better.';
  return 'the tokens tell objects apart, and not by their colours alone.';
}

function bestOf(what: string, rows: readonly Scores[]): string[] {
  if (rows.length === 0) return [];
  const best = (score: 'ari' | 'mbo'): string => Math.max(...rows.map((row) => row[score])).toFixed(2);
  return [`${best('ari')} and ${best('mbo')} ${what}`];
}

/** `Average linkage of tokens` within a sentence. */
function inSentence(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1);
}
