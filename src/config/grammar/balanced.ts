/** Where an interpolation ends: `${oc.env:A,${b}}` has one inside, `${oc.env:A,"a}b"}` a brace in quotes. */

const MAX_OPEN = 32;

/**
 * The index after the `}` that closes the `${` at `start`; undefined where none does, or where too many stand in one
 * another. Quotes count after a `:` alone, where a
 * resolver's arguments stand.
 */
export function endOfInterpolation(text: string, start: number): number | undefined {
  /** One for each that is open: `:` where a resolver's arguments have begun, `$` before, `{` or `[` for a bracket among them. */
  const open: string[] = [];
  for (let i = start; i < text.length; i++) {
    if (open.length > MAX_OPEN) return undefined;
    const top = open.at(-1);
    const inArguments = top === ':' || top === '{' || top === '[';
    const character = text[i];
    if (character === '$' && text[i + 1] === '{') {
      open.push('$');
      i++;
    } else if (inArguments && (character === '"' || character === "'")) {
      const end = endOfQuote(text, i);
      if (end === undefined) return undefined;
      i = end - 1;
    } else if (character === '\\' && inArguments) i++;
    else if (character === ':' && top === '$') open[open.length - 1] = ':';
    else if (inArguments && (character === '{' || character === '[')) open.push(character);
    else if (character === ']' && top === '[') open.pop();
    else if (character === '}' && top !== '[') {
      open.pop();
      if (open.length === 0) return i + 1;
    }
  }
  return undefined;
}

/** The arguments of a resolver, as they are written. */
export function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '$' && text[i + 1] === '{') i = (endOfInterpolation(text, i) ?? text.length) - 1;
    else if (character === '"' || character === "'") i = (endOfQuote(text, i) ?? text.length) - 1;
    else if (character === '\\') i++;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)].map((part) => part.trim());
}

/** The index after the quote that closes the one at `start`. */
function endOfQuote(text: string, start: number): number | undefined {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === text[start]) return i + 1;
  }
  return undefined;
}
