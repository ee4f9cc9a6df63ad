/** What words without quotes mean. */
import type { Typed } from './override';

const INT = /^[+-]?(0|[1-9](_?[0-9])*)$/;
const POINT = '((0|[1-9](_?[0-9])*)\\.|(0|[1-9](_?[0-9])*)?\\.[0-9](_?[0-9])*)';
const FLOAT = new RegExp(`^[+-]?(${POINT}|((0|[1-9](_?[0-9])*)|${POINT})e[+-]?[0-9](_?[0-9])*)$`, 'i');
const INF = /^([+-]?)inf$/i;
const NAN = /^[+-]?nan$/i;

/** Null, a bool, a number or else text. */
export function typedWord(text: string, fail: (problem: string, hints: string[]) => never): Typed {
  if (/^null$/i.test(text)) return { value: null };
  if (/^true$/i.test(text)) return { value: true };
  if (/^false$/i.test(text)) return { value: false };
  if (NAN.test(text)) return { value: NaN, float: true };
  const infinite = INF.exec(text);
  if (infinite) return { value: infinite[1] === '-' ? -Infinity : Infinity, float: true };
  const isInteger = INT.test(text);
  if (!isInteger && !FLOAT.test(text)) return { value: text };
  const value = Number(text.replaceAll('_', ''));
  if (!isInteger) return { value, float: true };
  if (!Number.isSafeInteger(value)) {
    fail(`the integer ${text} is too large to be held exactly`, [`'${text}' with quotes, if it is meant as text`]);
  }
  return { value: value + 0 }; // an integer has no negative zero
}

/** True if `text`, written without quotes, would be read as that very string. */
export function isBareText(text: string): boolean {
  if (!/^[\p{L}\p{N}_/.+*%$@?|~-]([\p{L}\p{N}_/.+*%$@?|: ~-]*[\p{L}\p{N}_/.+*%$@?|~-])?$/u.test(text)) return false;
  if (INT.test(text)) return false;
  return typedWord(text, () => null as never).value === text;
}
