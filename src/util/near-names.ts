/** What somebody who mistyped a name may have meant. */
import { distance } from 'fastest-levenshtein';

/** Of a name that can be a slip: to compare longer ones takes long. */
const MAX_LENGTH = 100;

/** Those of `known` that `name` is likely a slip of, nearest first; at most `limit`, and none much farther than the first. */
export function nearNames(name: string, known: Iterable<string>, limit = 3): string[] {
  if (name.length > MAX_LENGTH) return [];
  const wanted = normalise(name);
  const allowed = Math.max(2, Math.floor(wanted.length / 3));
  return [...new Set(known)]
    .map((candidate) => ({ candidate, away: farness(wanted, normalise(candidate)) }))
    .filter(({ away }) => away <= allowed)
    .sort((a, b) => a.away - b.away || (a.candidate < b.candidate ? -1 : 1))
    .filter(({ away }, _, sorted) => away <= sorted[0]!.away + 1)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** `Did you mean a or b?`; undefined where there is nothing to suggest. */
export function suggest(names: readonly string[]): string | undefined {
  return names.length > 0 ? `Did you mean ${names.join(' or ')}?` : undefined;
}

/** {@link suggest}s those of `known` that `name` may be a slip of. @param show how a name is written, say in quotes */
export function didYouMean(
  name: string,
  known: Iterable<string>,
  show: (name: string) => string = String,
): string | undefined {
  return suggest(nearNames(name, known).map(show));
}

/** Case and the choice of `-` or `_` are the commonest slips and count for nothing. */
function normalise(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/** A name cut short (`kmeans` for `kmeans_euclidean`) is one slip. */
function farness(wanted: string, candidate: string): number {
  if (wanted.length >= 3 && candidate.startsWith(wanted)) return Math.min(1, candidate.length - wanted.length);
  return distance(wanted, candidate);
}
