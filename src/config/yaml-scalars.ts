/**
 * What a word without quotes means in YAML, to PyYAML with OmegaConf's changes, which is what Hydra reads: YAML 1.1 (`010` is
 * eight, `1:30` ninety, `yes` true), exponents without a sign (`1e3`) and no dates.
 */
import type { Value } from './value';

export interface PlainScalar {
  readonly value: Value;
  /** A number that was written as a fraction, though it may be whole: `1.0`. */
  readonly float?: true;
}

const TRUE = /^(yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const NULL = /^(~|null|Null|NULL|)$/;
const INFINITE = /^([-+]?)\.(inf|Inf|INF)$/;
const NAN = /^\.(nan|NaN|NAN)$/;

/** With the sign and all `_` taken off, what is left is read in its base. */
const INTEGERS: readonly (readonly [RegExp, (digits: string) => number])[] = [
  [/^[-+]?0b[01_]+$/, (digits) => parseInt(digits.slice(2), 2)],
  [/^[-+]?0x[0-9a-fA-F_]+$/, (digits) => parseInt(digits.slice(2), 16)],
  [/^[-+]?0[0-7_]+$/, (digits) => parseInt(digits, 8)],
  [/^[-+]?(0|[1-9][0-9_]*)$/, Number],
  [/^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+$/, sixties],
];

const FLOATS: readonly (readonly [RegExp, (digits: string) => number])[] = [
  [/^[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+]?[0-9]+)?$/, Number],
  [/^[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+$/, Number],
  [/^\.[0-9][0-9_]*([eE][-+][0-9]+)?$/, Number],
  [/^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*$/, sixties],
];

export function readPlainScalar(text: string): PlainScalar {
  if (NULL.test(text)) return { value: null };
  if (TRUE.test(text)) return { value: true };
  if (FALSE.test(text)) return { value: false };
  if (NAN.test(text)) return { value: NaN, float: true };
  const infinite = INFINITE.exec(text);
  if (infinite) return { value: infinite[1] === '-' ? -Infinity : Infinity, float: true };
  const integer = number(text, INTEGERS);
  if (integer !== undefined) return { value: integer };
  const float = number(text, FLOATS);
  return float === undefined ? { value: text } : { value: float, float: true };
}

function number(text: string, forms: typeof INTEGERS): number | undefined {
  const read = forms.find(([pattern]) => pattern.test(text))?.[1];
  if (read === undefined) return undefined;
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  const size = read(digits);
  if (Number.isNaN(size)) return undefined;
  // an integer has no negative zero
  return text.startsWith('-') && (size !== 0 || forms === FLOATS) ? -size : size;
}

/** `1:30` is 90. */
function sixties(digits: string): number {
  return digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
