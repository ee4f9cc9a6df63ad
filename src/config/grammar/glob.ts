/** Patterns of names, as Python's `fnmatch`: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`. */

type Part = '*' | ((character: string) => boolean);

/** The names that match one of `include` and none of `exclude`, in their order. */
export function globNames(
  names: readonly string[],
  { include, exclude }: { readonly include: readonly string[]; readonly exclude: readonly string[] },
): string[] {
  const wanted = include.map(partsOf);
  const unwanted = exclude.map(partsOf);
  return names.filter(
    (name) => wanted.some((glob) => matches(glob, name)) && !unwanted.some((glob) => matches(glob, name)),
  );
}

function partsOf(pattern: string): Part[] {
  const parts: Part[] = [];
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    // a ] that comes first is one of the set
    const first = characters[i + 1] === '!' ? i + 2 : i + 1;
    const end = character === '[' ? characters.indexOf(']', first + 1) : -1;
    if (character === '*') parts.push('*');
    else if (character === '?') parts.push(() => true);
    else if (end >= 0) {
      const isIn = setOf(characters.slice(first, end));
      parts.push(first === i + 2 ? (other) => !isIn(other) : isIn);
      i = end;
    } else parts.push((other) => other === character);
  }
  return parts;
}

/** `a-z_` */
function setOf(characters: readonly string[]): (character: string) => boolean {
  const ranges: [string, string][] = [];
  for (let i = 0; i < characters.length; i++) {
    const low = characters[i]!;
    const high = characters[i + 2];
    if (characters[i + 1] === '-' && high !== undefined) {
      ranges.push([low, high]);
      i += 2;
    } else ranges.push([low, low]);
  }
  return (character) => ranges.some(([low, high]) => low <= character && character <= high);
}

/** In time of parts · characters: of several `*` only the last one is ever tried again. */
function matches(parts: readonly Part[], name: string): boolean {
  const characters = [...name];
  let part = 0;
  let at = 0;
  let star: { part: number; at: number } | undefined;
  while (at < characters.length) {
    const wanted = parts[part];
    if (wanted === '*') {
      star = { part: ++part, at };
    } else if (wanted?.(characters[at]!) === true) {
      part++;
      at++;
    } else if (star) {
      star = { part: star.part, at: star.at + 1 };
      ({ part, at } = star);
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === '*');
}
