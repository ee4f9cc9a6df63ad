import { Args, Flags } from '@oclif/core';
import { compareRuns, formatComparison, type Comparison, type Moment } from '../../../jobs';
import { UsageError } from '../../../sdk/errors';
import { BaseCommand } from '../../base-command';
import { integerFlag } from '../../flags';

const MOMENTS: readonly Moment[] = ['first', 'last', 'best'];
const FORMATS = ['csv', 'markdown', 'latex'] as const;

export default class RunsCompare extends BaseCommand {
  static override summary =
    'Compare runs: a row each, with what differs and the first, last and best value of metrics.';

  static override description = `--group-by makes one row of runs that differ in their seeds alone (other.seed, data.train.seed, data.val.seed): mean ± sample standard deviation, and n. With keys (--group-by embed_dim,num_iters) one row of the runs that agree in these. Only runs that have finished count in a group.

Best is the highest or the lowest value, as the metric's evaluator says which is better; losses are better where they are lower. A metric is named as it is logged (test/ari) or as people call it (ARI). --plot draws a curve for each group, seeds as a band of one standard deviation around their mean.`;

  static override usage =
    '<%= command.id %> [RUN|SWEEP|DIR...] [--group-by [KEY,...]] [--metric NAME]... [--sort METRIC] [--top N] [--csv|--markdown|--latex|--json]';

  static override examples = [
    { description: 'two runs', command: '<%= config.bin %> <%= command.id %> brave-dune calm-river' },
    {
      description: 'the ten best settings of a sweep over seeds',
      command:
        '<%= config.bin %> <%= command.id %> multirun/2026-01-31/12-00-00_grid --group-by --sort FG-ARI --top 10',
    },
    {
      description: 'a table for a paper, of one metric',
      command: '<%= config.bin %> <%= command.id %> grid --group-by --metric ARI --values last --latex',
    },
    {
      description: 'its curves',
      command: '<%= config.bin %> <%= command.id %> grid --plot test/ari --output ari.png',
    },
  ];

  static override strict = false;

  static override args = {
    runs: Args.string({
      name: 'RUN|SWEEP|DIR',
      description: 'Runs, sweeps, and folders with runs below; all of outputs/ and multirun/ if none is given.',
    }),
  };

  static override flags = {
    'group-by': Flags.string({
      summary: 'One row for the runs that agree in these keys of the config; without keys: in all but their seeds.',
      helpValue: '[KEY,...]',
    }),
    unfinished: Flags.boolean({ summary: 'Count runs that have not finished in groups, too.' }),
    metric: Flags.string({
      summary: 'Show this metric: its name, or its label. May be repeated.',
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
    }),
    values: Flags.string({ summary: 'Which values of a metric: first, last, best, with commas.', helpValue: 'VALUES' }),
    sort: Flags.string({
      summary: 'Best rows of this metric first, by its last value; METRIC:best or METRIC:first by another.',
      helpValue: 'METRIC',
    }),
    top: integerFlag({ summary: 'Only the first rows; with --sort.', min: 1 }),
    csv: Flags.boolean({ summary: 'Print CSV (RFC 4180), with all digits.', exclusive: ['markdown', 'latex', 'json'] }),
    markdown: Flags.boolean({ summary: 'Print a Markdown table.', exclusive: ['csv', 'latex', 'json'] }),
    latex: Flags.boolean({ summary: 'Print a LaTeX table (booktabs).', exclusive: ['csv', 'markdown', 'json'] }),
    plot: Flags.string({ summary: 'Draw the curves of this metric into a PNG file.', helpValue: 'METRIC' }),
    output: Flags.string({
      summary: 'Where --plot draws; named after the metric if not given.',
      helpValue: 'PNG',
      dependsOn: ['plot'],
    }),
  };

  async run(): Promise<Comparison> {
    const { argv, flags } = await this.parse(RunsCompare, withGroupBy(this.argv));
    const values = valuesOf(flags.values);
    const { 'group-by': groupBy, metric: metrics, sort, top, unfinished, plot } = flags;
    const comparison = await compareRuns({
      ...{ runs: argv.map(String), metrics, sort, top, unfinished },
      groupBy: groupBy === undefined ? undefined : groupBy === SEEDS ? SEEDS : wordsOf(groupBy),
      plot: plot === undefined ? undefined : { metric: plot, output: flags.output ?? fileNameOf(plot) },
    });
    await this.#print(comparison, flags, values);
    for (const { folder, problem } of comparison.broken) this.logToStderr(`Left out: ${folder}: ${problem}`);
    return comparison;
  }

  async #print(
    comparison: Comparison,
    flags: Readonly<Partial<Record<(typeof FORMATS)[number], boolean>>>,
    values: readonly Moment[],
  ): Promise<void> {
    if (this.jsonEnabled()) return;
    const { describeComparison, describePlot } = await import('../../describe-comparison.js');
    const format = FORMATS.find((one) => flags[one] === true);
    if (format === undefined) {
      this.log(describeComparison(comparison, values));
      return;
    }
    this.log(await formatComparison(comparison, format, { values }));
    // what is printed goes into a file
    if (comparison.plot !== null) this.logToStderr(describePlot(comparison.plot));
  }
}

const SEEDS = 'seeds';

/** `--group-by` may stand alone; oclif knows no such flag. */
function withGroupBy(argv: readonly string[]): string[] {
  return argv.map((word, i) => {
    const next = argv[i + 1];
    return word === '--group-by' && (next === undefined || next.startsWith('-')) ? `--group-by=${SEEDS}` : word;
  });
}

const wordsOf = (text: string): string[] => text.split(',').map((word) => word.trim());

function valuesOf(text: string | undefined): readonly Moment[] {
  if (text === undefined) return MOMENTS;
  const words = wordsOf(text);
  const wrong = words.find((word) => !MOMENTS.some((moment) => moment === word));
  if (wrong !== undefined)
    throw new UsageError(`--values takes ${MOMENTS.join(', ')}, and not "${wrong}".`, undefined, [
      '--values first,last',
    ]);
  return MOMENTS.filter((moment) => words.includes(moment));
}

/** `test-ari.png` */
function fileNameOf(metric: string): string {
  return `${metric.replace(/[^A-Za-z0-9_.]+/g, '-').replace(/^[.-]+/, '')}.png`;
}
