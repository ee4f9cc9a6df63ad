/** The table of an evaluator's metrics, and what it concludes. */
import type { EvaluationRecord } from '../jobs';
import { tableWidth, wrap } from './table';

/** Two hundred images tell no more. */
const DIGITS = 2;
const NONE = '-';
const TABLE_WIDTH = 100;

/** Lines to print, the last one empty; none for an evaluator without a table and a conclusion. */
export function describeRecord(record: EvaluationRecord, width = tableWidth()): string[] {
  const most = Math.min(width, TABLE_WIDTH);
  const table = tableOf(record);
  return [
    ...(table === null ? [] : [table, '']),
    ...(record.conclusion === undefined ? [] : [...wrap(record.conclusion, most), '']),
  ];
}

/** Rows and columns in the order in which they are described. */
function tableOf({ evaluator, weights, metrics, descriptions = {} }: EvaluationRecord): string | null {
  const rows = new Map<string, Map<string, number>>();
  const columns = new Set<string>();
  for (const [name, { table }] of Object.entries(descriptions)) {
    const value = metrics[name];
    if (table === undefined || value === undefined) continue;
    columns.add(table.column);
    rows.set(table.row, (rows.get(table.row) ?? new Map<string, number>()).set(table.column, value));
  }
  if (rows.size === 0) return null;
  const heading = weights === undefined ? evaluator : `${evaluator}, weights of ${weights}`;
  const lines = [
    [heading.toUpperCase(), ...columns],
    ...Array.from(rows, ([row, values]) => [row, ...Array.from(columns, (column) => inDigits(values.get(column)))]),
  ];
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  // numbers end below one another
  const align = (cell: string, i: number): string => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!));
  return lines.map((line) => line.map(align).join('  ')).join('\n');
}

/** A negative number that rounds to zero is printed as zero. */
function inDigits(value: number | undefined): string {
  return value?.toFixed(DIGITS).replace(/^-(0\.0+)$/, '$1') ?? NONE;
}
