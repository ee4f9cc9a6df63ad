/**
 * `model.backbone.{block_drop,block_attn_drop}=0.2` is two overrides. A shell expands it before osc sees it, unless it
 * stands in quotes.
 */
import { Scanner } from './scanner';

const MAX_BRACES = 16;
/** Doubling braces are soon millions. */
const MAX_KEYS = 1_000;

/** Expands braces in the key; those of the value are a map's. @throws UsageError for braces that do not pair */
export function expandKeyBraces(text: string): string[] {
  const equals = text.indexOf('=');
  const key = equals < 0 ? text : text.slice(0, equals);
  if (!/[{}]/.test(key)) return [text];
  const value = equals < 0 ? '' : text.slice(equals);
  if (key.split('{').length > MAX_BRACES) {
    new Scanner(text).fail(`the key has more than ${MAX_BRACES} braces`, [], key.indexOf('{'));
  }
  return expand(key, text, { left: MAX_KEYS }).map((expanded) => expanded + value);
}

function expand(key: string, whole: string, keys: { left: number }): string[] {
  const scanner = new Scanner(whole);
  if (--keys.left < 0) scanner.fail(`its braces give more than ${MAX_KEYS} keys`, [], whole.indexOf('{'));
  const open = key.indexOf('{');
  if (open < 0) {
    const stray = key.indexOf('}');
    return stray < 0 ? [key] : scanner.fail('this "}" closes nothing', [], whole.indexOf('}'));
  }
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let i = open; i < key.length; i++) {
    if (key[i] === '{') depth++;
    const ends = key[i] === '}' && --depth === 0;
    if (ends || (key[i] === ',' && depth === 1)) {
      const part = key.slice(start, i).trim();
      if (part === '') scanner.fail('there is a name missing between the braces', [], whole.indexOf('{'));
      parts.push(part);
      start = i + 1;
    }
    if (ends) return parts.flatMap((part) => expand(key.slice(0, open) + part + key.slice(i + 1), whole, keys));
  }
  return scanner.fail('the brace that opens here is not closed before "="', [], whole.indexOf('{'));
}
