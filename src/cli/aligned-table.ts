/** A table of numbers and short texts. */
import { printable, shortenText } from '../util/text';

export interface TableColumn {
  readonly header: string;
  readonly cells: readonly string[];
  /** Numbers end below one another. */
  readonly right?: boolean;
}

const GAP = 2;
/** A longer text is cut off. */
const MAX_CELL = 40;

export function widthOf({ header, cells }: TableColumn): number {
  return Math.min(MAX_CELL, Math.max(header.length, ...lengths(cells)));
}

/** Ten thousand cells are too many arguments for a call. */
function lengths(cells: readonly string[]): number[] {
  return [cells.reduce((most, cell) => Math.max(most, cell.length), 0)];
}

/** What columns take side by side. */
export function totalWidth(columns: readonly TableColumn[]): number {
  return columns.reduce((sum, column) => sum + widthOf(column) + GAP, -GAP);
}

/** Lines without a break at the end; `rest` stands behind the columns, as long as it is. */
export function alignTable(columns: readonly TableColumn[], rest?: TableColumn): string {
  const widths = columns.map(widthOf);
  const all = rest === undefined ? columns : [...columns, rest];
  const rows = [
    all.map(({ header }) => header),
    ...(all[0]?.cells ?? []).map((_, row) => all.map(({ cells }) => cells[row]!)),
  ];
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          const width = widths[i];
          const text = printable(cell);
          if (width === undefined) return text;
          const short = text.length > width ? `${shortenText(text, width - 1)}` : text;
          return columns[i]!.right === true ? short.padStart(width) : short.padEnd(width);
        })
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
    .join('\n');
}

/** Width to fill: the terminal's, 120 where there is none. */
export function fullWidth(columns: number | undefined = process.stdout.columns): number {
  return Math.min(240, Math.max(80, columns ?? 120));
}
