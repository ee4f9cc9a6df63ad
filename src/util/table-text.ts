/** Numbers and values as cells of tables. */

const DIGITS = 4;

/** Four digits behind the point, or four in all where that shows none. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return String(Number(value.toPrecision(DIGITS)));
  return value.toFixed(DIGITS);
}

/** `0.5488 ± 0.0123`, with its own n where that is not `n`; `-` of nothing. */
export function summaryText(
  summary: { readonly mean: number; readonly deviation: number | null; readonly n: number } | null,
  n: number,
): string {
  if (summary === null) return '-';
  const deviation = summary.deviation === null ? '' : ` ± ${numberText(summary.deviation)}`;
  return `${numberText(summary.mean)}${deviation}${summary.n === n ? '' : ` (n ${summary.n})`}`;
}

/** Words as they are, lists of them in brackets, all else as JSON; `-` of what is not there. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return typeof value === 'string' ? value : value === undefined ? '-' : JSON.stringify(value);
}

/** `finished`; of several `4 finished, 1 failed`. */
export function countsText(words: readonly string[]): string {
  const [first] = words;
  if (words.length === 1 && first !== undefined) return first;
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Array.from(counts, ([word, count]) => `${count} ${word}`).join(', ');
}

/** `ARI ↑ last`: the arrow says which values are better. */
export function metricHeading(
  { label, better }: { readonly label: string; readonly better: 'higher' | 'lower' | null },
  what: string,
): string {
  const arrow = better === null ? [] : [better === 'higher' ? '↑' : '↓'];
  return [label, ...arrow, what].join(' ');
}
