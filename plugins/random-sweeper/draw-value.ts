import type { RandomStream, SearchDimension, SearchInterval, SweptValue } from 'osc-trainer/sdk';

/** Values that a dimension has; infinitely many in an interval of fractions. */
export function numValues(dimension: SearchDimension): number {
  if (dimension.interval === undefined) return distinctValues(dimension).length;
  const { low, high, integer } = dimension.interval;
  return integer ? Math.floor(high) - Math.ceil(low) + 1 : Infinity;
}

/** The values of a dimension that has finitely many, each once. */
export function distinctValues({ choices = [], interval }: SearchDimension): SweptValue[] {
  if (interval === undefined) return [...new Map(choices.map((value) => [identityOf(value), value])).values()];
  const first = Math.ceil(interval.low);
  return Array.from({ length: Math.floor(interval.high) - first + 1 }, (_, index) => first + index);
}

export function drawValue({ choices = [], interval }: SearchDimension, random: RandomStream): SweptValue {
  return interval === undefined ? (choices[random.integer(choices.length)] ?? null) : drawNumber(interval, random);
}

/** Whole numbers: of `[k, k+1)` each is `k`, so that both ends are drawn as the others are. */
function drawNumber({ low, high, log, integer }: SearchInterval, random: RandomStream): number {
  const [from, to] = integer ? [Math.ceil(low), Math.floor(high) + 1] : [low, high];
  const part = random.uniform();
  const drawn = log ? from * (to / from) ** part : from + part * (to - from);
  // rounding may lead beyond the ends
  return Math.min(Math.max(integer ? Math.floor(drawn) : drawn, from), integer ? to - 1 : to);
}

/** The same for the same values alone, in one line. NaN and infinite numbers have no JSON of their own. */
export function identityOf(value: SweptValue): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
