import type { NamedParameters } from '../sdk/module';

export interface ParameterRow {
  /** Dotted name of a part, or of a module inside one. */
  readonly module: string;
  /** Number of weights. */
  readonly count: number;
}

/** Number of weights by part of the model; a part with modules inside modules (blocks) is broken down once more. */
export function parameterRows(parameters: NamedParameters): ParameterRow[] {
  const nested = new Set([...parameters.keys()].filter((name) => name.split('.').length > 3).map(partOf));
  const counts = new Map<string, number>();
  for (const [name, { size }] of parameters) {
    const part = partOf(name);
    const row = nested.has(part) ? name.split('.').slice(0, 2).join('.') : part;
    counts.set(row, (counts.get(row) ?? 0) + size);
  }
  return Array.from(counts, ([module, count]) => ({ module, count }));
}

function partOf(name: string): string {
  return name.split('.')[0]!;
}

/** The rows as an aligned table with a total, for the log. */
export function formatParameters(parameters: NamedParameters): string {
  const rows = parameterRows(parameters);
  const all = [...rows, { module: 'total', count: rows.reduce((sum, { count }) => sum + count, 0) }];
  const text = all.map(({ module, count }) => [module, count.toLocaleString('en-US')] as const);
  const width = (column: 0 | 1): number => Math.max(...text.map((row) => row[column].length));
  return text.map(([module, count]) => `  ${module.padEnd(width(0))}  ${count.padStart(width(1))}`).join('\n');
}
