/** Sets of whole numbers as SLURM writes them: `0-3,7`. */

/** More than any queue has: what is longer was written by somebody else. */
const MAX_NUMBERS = 1_000_000;

/** @param numbers in any order, each once */
export function formatRanges(numbers: readonly number[]): string {
  const parts: string[] = [];
  let first: number | undefined;
  let last = NaN;
  const close = (): void => {
    if (first !== undefined) parts.push(first === last ? String(first) : `${first}-${last}`);
  };
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (number !== last + 1) {
      close();
      first = number;
    }
    last = number;
  }
  close();
  return parts.join(',');
}

/** `0-3,7`, `1-9:2`, and what squeue adds to it: `0-3%2`. Undefined for what is none, or too much. */
export function parseRanges(text: string): number[] | undefined {
  const numbers: number[] = [];
  for (const part of text.replace(/%\d+$/, '').split(',')) {
    const match = /^(\d{1,9})(?:-(\d{1,9})(?::(\d{1,9}))?)?$/.exec(part);
    if (match === null) return undefined;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    const step = match[3] === undefined ? 1 : Number(match[3]);
    if (step < 1 || (last - first) / step + numbers.length >= MAX_NUMBERS) return undefined;
    for (let number = first; number <= last; number += step) numbers.push(number);
  }
  return numbers;
}
