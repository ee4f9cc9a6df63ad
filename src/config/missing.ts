/** `???` in a config: somebody below, or on the command line, has to say it. */
import { UsageError } from '../sdk/errors';
import { describeOrigin } from './origin';
import { type Branch, isBranch, leaves, MISSING } from './tree';
import { isMap, type Value } from './value';

/** @throws UsageError that names every key which nobody gave a value */
export function refuseMissing(tree: Branch): void {
  const missing = [...leaves(tree)].flatMap(([key, leaf]) =>
    !isBranch(leaf) && isMissing(leaf.value) ? [{ key, place: describeOrigin(leaf.origin) }] : [],
  );
  const [first, ...more] = missing;
  if (first === undefined) return;
  const others =
    more.length === 0 ? '' : `, and so must ${more.map(({ key, place }) => `${key} (${place})`).join(', ')}`;
  throw new UsageError(
    `${first.key} must be given: ${first.place} says "${MISSING}"${others}.`,
    undefined,
    missing.slice(0, 10).map(({ key }) => `${key}=VALUE`),
  );
}

function isMissing(value: Value): boolean {
  if (Array.isArray(value)) return value.some(isMissing);
  return isMap(value) ? Object.values(value).some(isMissing) : value === MISSING;
}
