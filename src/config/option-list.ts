import { UsageError } from '../sdk/errors';
import { parseOverrides } from './grammar';
import type { Value } from './value';
import { shownText } from './origin';

/**
 * Options of one component as `key=value`, in the grammar of overrides; the last of two values for a key wins. The
 * component's schema checks them later.
 *
 * @throws UsageError for what cannot be read, and for what makes sense in a whole config only (`+key`, `~key`, groups,
 *   dotted keys, choices)
 */
export function parseOptionList(texts: readonly string[]): Record<string, Value> {
  const options: Record<string, Value> = {};
  for (const { text, operation, key, package: pkg, value, sweep } of parseOverrides(texts)) {
    if (operation !== 'set' || pkg !== undefined || /[./]/.test(key)) {
      throw new UsageError(`${shownText(text)} is no option of a component.`, 'An option is written KEY=VALUE.');
    }
    if (sweep !== undefined || value === undefined) {
      throw new UsageError(`${shownText(text)} has several values, and there is only one job.`, undefined, [
        `${key}=[${text.slice(text.indexOf('=') + 1)}] if a list is meant`,
      ]);
    }
    options[key] = value;
  }
  return options;
}
