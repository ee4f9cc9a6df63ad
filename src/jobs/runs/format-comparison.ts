/** A comparison as CSV, Markdown or LaTeX. Names and values may be anybody's: each format has its own signs escaped. */
import { countsText, metricHeading, summaryText, valueText } from '../../util/table-text';
import { printable } from '../../util/text';
import type { Summary } from '../results/statistics';
import { MOMENTS, type ComparedRow, type Comparison, type Moment } from './compare-runs';
import type { ChosenMetric } from './choose-metrics';

export const COMPARISON_FORMATS = ['csv', 'markdown', 'latex'] as const;
export type ComparisonFormat = (typeof COMPARISON_FORMATS)[number];

export interface FormatOptions {
  /** Which values of each metric; default: all three. */
  readonly values?: readonly Moment[] | undefined;
}

/** Text that ends without a line break. CSV has all digits, the tables four. */
export function formatComparison(
  comparison: Comparison,
  format: ComparisonFormat,
  { values = MOMENTS }: FormatOptions = {},
): string {
  return { csv: toCsv, markdown: toMarkdown, latex: toLatex }[format](comparison, values);
}

const cellOf = (row: ComparedRow, { name }: ChosenMetric, moment: Moment): Summary | null =>
  row.metrics[name]?.[moment] ?? null;

const statesOf = ({ runs }: ComparedRow): string => countsText(runs.map(({ state }) => state));

function toCsv({ grouped, columns, metrics, rows }: Comparison, values: readonly Moment[]): string {
  const header = [
    ...['run', 'state', ...(grouped ? ['n'] : [])],
    ...columns.map(({ key }) => key),
    ...metrics.flatMap(({ name }) =>
      values.flatMap((moment) => [
        `${name}:${moment}`,
        ...(grouped
          ? [`${name}:${moment}:std`, `${name}:${moment}:n`]
          : moment === 'best'
            ? [`${name}:best:epochs`]
            : []),
      ]),
    ),
  ];
  const lines = rows.map((row) => [
    ...[row.label, statesOf(row), ...(grouped ? [row.n] : [])],
    ...row.settings.map(csvValue),
    ...metrics.flatMap((metric) =>
      values.flatMap((moment) => {
        const cell = cellOf(row, metric, moment);
        const epochs = row.metrics[metric.name]?.bestEpochs ?? undefined;
        const more = grouped ? [cell?.deviation ?? undefined, cell?.n ?? 0] : moment === 'best' ? [epochs] : [];
        return [cell?.mean, ...more];
      }),
    ),
  ]);
  return [header, ...lines].map((cells) => cells.map(csvField).join(',')).join('\n');
}

/** A list as JSON. */
function csvValue(value: unknown): string | number | undefined {
  return typeof value === 'number' || typeof value === 'string' || value === undefined ? value : JSON.stringify(value);
}

/** RFC 4180; a text that a spreadsheet would take for a formula has an apostrophe before it. */
function csvField(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Heading and rows of a table for people, unescaped; `±` stands between mean and deviation. */
function cellsOf(
  { grouped, columns, metrics, rows }: Comparison,
  values: readonly Moment[],
): { header: string[]; rows: string[][] } {
  const allFinished = rows.every(({ runs }) => runs.every(({ state }) => state === 'finished'));
  return {
    header: [
      ...['run', ...(allFinished ? [] : ['state']), ...(grouped ? ['n'] : [])],
      ...columns.map(({ label }) => label),
      ...metrics.flatMap((metric) => values.map((moment) => metricHeading(metric, moment))),
    ],
    rows: rows.map((row) => [
      ...[row.label, ...(allFinished ? [] : [statesOf(row)]), ...(grouped ? [String(row.n)] : [])],
      ...row.settings.map(valueText),
      ...metrics.flatMap((metric) => values.map((moment) => summaryText(cellOf(row, metric, moment), row.n))),
    ]),
  };
}

function toMarkdown(comparison: Comparison, values: readonly Moment[]): string {
  const { header, rows } = cellsOf(comparison, values);
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(' | ')} |`;
  const texts = header.length - comparison.metrics.length * values.length;
  const rule = header.map((_, i) => (i < texts ? '---' : '---:'));
  return [line(header), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

function markdownText(text: string): string {
  return printable(text).replace(/[\\`*_{}[\]<>|#~&]/g, (sign) => `\\${sign}`);
}

function toLatex(comparison: Comparison, values: readonly Moment[]): string {
  const { header, rows } = cellsOf(comparison, values);
  const line = (cells: readonly string[]): string => `${cells.map(latexText).join(' & ')} \\\\`;
  const numbers = comparison.metrics.length * values.length;
  return [
    '% \\usepackage{booktabs}',
    `\\begin{tabular}{${'l'.repeat(header.length - numbers)}${'r'.repeat(numbers)}}`,
    '\\toprule',
    line(header),
    '\\midrule',
    ...rows.map(line),
    '\\bottomrule',
    '\\end{tabular}',
  ].join('\n');
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  '±': '$\\pm$',
  '↑': '$\\uparrow$',
  '↓': '$\\downarrow$',
};

function latexText(text: string): string {
  const safe = printable(text).replace(/[\\{}$&#^_~%<>|"±↑↓]/g, (sign) => LATEX[sign] ?? `\\${sign}`);
  // behind \\ a bracket would be its option
  return safe.startsWith('[') ? `{[}${safe.slice(1)}` : safe.replace(/^-(?=\d)/, '$-$');
}
