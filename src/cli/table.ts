/** Lines of at most `width` characters, broken at spaces; a longer word stands alone. */
function wrap(text: string, width: number): string[] {
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

/** An aligned table. The last column takes what is left of `width` and is wrapped. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const last = header.length - 1;
  const all = [header, ...rows];
  const widths = header.slice(0, last).map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const indent = widths.reduce((sum, column) => sum + column + GAP.length, 0);
  return all
    .flatMap((row) => {
      const start = widths.map((column, i) => row[i]!.padEnd(column) + GAP).join('');
      const [first = '', ...more] = wrap(row[last]!, Math.max(20, width - indent));
      return [start + first, ...more.map((line) => ' '.repeat(indent) + line)];
    })
    .map((line) => line.trimEnd())
    .join('\n');
}
