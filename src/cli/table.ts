/** Lines of at most `width` characters, broken at spaces; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

const GAP = '  ';

/** Width of the terminal, within what a table looks well in; 120 where output is not a terminal. */
export function tableWidth(columns: number | undefined = process.stdout.columns): number {
  return Math.min(120, Math.max(80, columns ?? 120));
}

/** A cell longer than this does not widen its column: the row goes on below it. */
const MAX_COLUMN = 32;

/** An aligned table. The last column takes what is left of `width` and is wrapped. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const last = header.length - 1;
  const all = [header, ...rows];
  const widths = header.slice(0, last).map((_, column) => {
    const lengths = all.map((row) => row[column]!.length);
    return Math.max(...lengths.filter((length) => length <= MAX_COLUMN));
  });
  const indents = widths.reduce<number[]>((starts, column) => [...starts, starts.at(-1)! + column + GAP.length], [0]);
  return all
    .flatMap((row) => {
      const lines = [''];
      widths.forEach((column, i) => {
        lines.push(lines.pop()! + row[i]!.padEnd(column) + GAP);
        if (row[i]!.length > column) lines.push(' '.repeat(indents[i + 1]!));
      });
      const [first = '', ...more] = wrap(row[last]!, Math.max(20, width - indents[last]!));
      lines.push(lines.pop()! + first);
      return [...lines, ...more.map((line) => ' '.repeat(indents[last]!) + line)];
    })
    .map((line) => line.trimEnd())
    .join('\n');
}
