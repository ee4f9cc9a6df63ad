/** The page itself: a section for each group of runs, every run in it, and what others report. */
import type { RunSession } from '../../run';
import { countOf, shortenText } from '../../util/text';
import type { NamedRun, RunGroup } from './group-runs';
import { code, escaped, table } from './markdown';
import { headlineMeasures, tabulate, valueOf, type Measure, type MeasureTable } from './measures';
import type { GroupPictures, PagePicture } from './pictures';
import { summarise, type Summary } from './statistics';

const DIGITS = 3;
const TITLE_LENGTH = 72;

/** A folder that could not be read. */
export interface BrokenRun {
  readonly name: string;
  readonly problem: string;
}

export interface PageInput {
  readonly groups: readonly (RunGroup & { readonly pictures: GroupPictures })[];
  readonly broken: readonly BrokenRun[];
  /** Sections that follow. */
  readonly literature: string;
}

/** Markdown, with pictures from the folder it lies in. */
export function writePage({ groups, broken, literature }: PageInput): string {
  return [
    '# Results',
    'Made by `npm run results -- RUNS…` from the run directories that are named below; not edited by hand. Numbers are of the last ' +
      'epoch on the test split: mean ± sample deviation (n - 1) over finished runs that differ in their seeds alone. Runs that did not ' +
      'finish are listed and not counted.',
    overview(groups),
    ...groups.map((group, i) => groupSection(group, i + 1)),
    ...(broken.length === 0 ? [] : [brokenSection(broken)]),
    literature,
  ].join('\n\n');
}

const finishedOf = ({ runs }: RunGroup): NamedRun[] => runs.filter(({ progress }) => progress?.finished === true);

function overview(groups: PageInput['groups']): string {
  const columns = [...new Set(groups.flatMap((group) => headlineMeasures(group.runs).map(headingOf)))];
  const rows = groups.map((group, i) => {
    const finished = finishedOf(group);
    const headlines = new Map(headlineMeasures(group.runs).map((measure) => [headingOf(measure), measure]));
    const cells = columns.map((column) => {
      const measure = headlines.get(column);
      return measure === undefined ? '' : cell(summarise(valuesOf(finished, measure)), finished.length);
    });
    const minutes = cell(
      summarise(finished.flatMap(({ seconds }) => (seconds === null ? [] : [seconds / 60]))),
      finished.length,
      1,
    );
    return [
      `${i + 1}`,
      code(shortenText(group.title, TITLE_LENGTH)),
      `${finished.length} of ${group.runs.length}`,
      ...cells,
      minutes,
    ];
  });
  return table(['', 'trained', 'finished', ...columns, 'minutes'], rows);
}

type Headline = Pick<Measure, 'row' | 'column' | 'better'>;

function headingOf({ row, column, better }: Headline): string {
  const name = row === 'model' ? escaped(column) : `${escaped(column)}, ${escaped(row)}`;
  return better === 'lower' ? `${name} (lower is better)` : name;
}

function valuesOf(runs: readonly NamedRun[], measure: Headline): number[] {
  return runs.map((run) => valueOf(run, measure)).filter((value) => !Number.isNaN(value));
}

/** @param of how many there could be: fewer are told */
function cell(summary: Summary | null, of: number, digits = DIGITS): string {
  if (summary === null) return '–';
  const { mean, deviation, n } = summary;
  const spread = deviation === null ? '' : ` ± ${deviation.toFixed(digits)}`;
  return `${mean.toFixed(digits)}${spread}${n === of ? '' : ` (n ${n})`}`;
}

function groupSection(group: PageInput['groups'][number], number: number): string {
  const { title, runs, pictures } = group;
  const finished = finishedOf(group);
  const measures = tabulate(finished);
  return [
    `## ${number}. ${code(shortenText(title, TITLE_LENGTH))}`,
    ...(title.length > TITLE_LENGTH ? [code(title)] : []),
    `${countOf(runs.length, 'run')}, ${finished.length} finished.`,
    ...(measures.columns.length === 0 ? [] : [measureTable(measures, finished.length)]),
    ...(measures.others.length === 0 ? [] : [otherTable(measures, finished.length)]),
    '### Every run',
    runTable(runs),
    sessionTable(runs),
    ...(pictures.curves.length === 0 ? [] : ['### Courses', pictureTable(pictures.curves)]),
    ...(pictures.figuresOf === null
      ? []
      : [
          '### Pictures',
          `Of ${code(pictures.figuresOf.name)}, the run in the middle, at its end.`,
          ...pictures.figures.map(({ caption, file }) => `${escaped(caption)}:\n\n![${escaped(caption)}](${file})`),
        ]),
  ].join('\n\n');
}

function measureTable(measures: MeasureTable, runs: number): string {
  const header = measures.columns.map(
    ({ name, better }) => `${escaped(name)}${better === 'lower' ? ' (lower is better)' : ''}`,
  );
  const rows = measures.rows.map(({ name, baseline }) => [
    baseline ? `_${escaped(name)}_` : escaped(name),
    ...measures.columns.map((column) => {
      const summary = measures.cell(name, column.name);
      return summary === null ? '' : cell(summary, runs);
    }),
  ]);
  return table(['', ...header], rows);
}

function otherTable(measures: MeasureTable, runs: number): string {
  const rows = measures.others.map((one) => [headingOf(one), cell(measures.cell(one.row, one.column), runs)]);
  return table(['measured besides', ''], rows);
}

function runTable(runs: readonly NamedRun[]): string {
  const headlines = headlineMeasures(runs);
  const rows = runs.map((run) => [
    code(run.name),
    seedsOf(run),
    statusOf(run),
    run.seconds === null ? '–' : (run.seconds / 60).toFixed(1),
    ...headlines.map((measure) => {
      const value = valueOf(run, measure);
      return Number.isNaN(value) ? '–' : value.toFixed(DIGITS);
    }),
  ]);
  return table(['run', 'seeds', 'ended', 'minutes', ...headlines.map(headingOf)], rows);
}

function seedsOf({ config }: NamedRun): string {
  const at = (...path: string[]): unknown =>
    path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], config);
  return [at('other', 'seed'), at('data', 'train', 'seed')]
    .map((seed) => (typeof seed === 'number' ? `${seed}` : '?'))
    .join(', ');
}

function statusOf({ progress, config }: NamedRun): string {
  if (progress === null) return '**no checkpoint**';
  const { epochs, finished, stopReason } = progress;
  const { num_epochs: planned } = (config['training'] ?? {}) as { num_epochs?: unknown };
  if (!finished) return `**not finished**: ${epochs} of ${typeof planned === 'number' ? planned : '?'} epochs`;
  return stopReason === null ? countOf(epochs, 'epoch') : `${countOf(epochs, 'epoch')}: ${escaped(stopReason)}`;
}

/** With what each run was trained; what all sessions of a run share is told once. */
function sessionTable(runs: readonly NamedRun[]): string {
  const rows = runs.map(({ name, sessions }) => {
    const all = (fact: (session: RunSession) => string): string => [...new Set(sessions.map(fact))].join('; ');
    return [
      code(name),
      all(({ started }) => escaped(started.slice(0, 10))),
      all(({ engine }) => escaped(`${engine.name}, ${engine.device}, ${countOf(engine.threads, 'thread')}`)),
      all(({ machine }) => escaped(`${machine.cpu}, ${countOf(machine.cores, 'core')}, ${machine.platform}`)),
      all(commitOf),
      all(({ command }) => code(commandOf(command))),
    ];
  });
  return table(['run', 'date', 'engine', 'machine', 'osc', 'command'], rows);
}

/** Of osc; where that was not recorded, of the folder it was called in, which may be another project. */
function commitOf({ versions, oscGit, git }: RunSession): string {
  const state = oscGit ?? git;
  const commit = state === null ? '' : `${state.commit.slice(0, 12)}${state.dirty ? ' with changes' : ''}`;
  const told = state === null ? 'commit not recorded' : oscGit === null ? `called in a checkout of ${commit}` : commit;
  return escaped(`${versions['osc'] ?? '?'}, ${told}`);
}

/** Without the folder it was written to. */
function commandOf(command: readonly string[]): string {
  if (command.length === 0) return 'a script';
  const places = command.flatMap((word, i) =>
    word === '--run-dir' ? [i, i + 1] : word.startsWith('--run-dir=') ? [i] : [],
  );
  const words = command
    .filter((_, i) => !places.includes(i))
    .map((word) => (/[\s"'$*?]/.test(word) ? `'${word}'` : word));
  return ['osc', ...words].join(' ');
}

const PICTURES_A_ROW = 3;

/** Side by side. */
function pictureTable(pictures: readonly PagePicture[]): string {
  const rows: string[][] = [];
  for (let i = 0; i < pictures.length; i += PICTURES_A_ROW) {
    const some = pictures.slice(i, i + PICTURES_A_ROW);
    const images = some.map(({ caption, file }) => `![${escaped(caption)}](${file})`);
    rows.push([...images, ...Array.from({ length: PICTURES_A_ROW - some.length }, () => '')]);
  }
  return table(
    Array.from({ length: PICTURES_A_ROW }, () => ''),
    rows,
  );
}

function brokenSection(broken: readonly BrokenRun[]): string {
  return ['## Not read', ...broken.map(({ name, problem }) => `- ${code(name)}: ${escaped(problem)}`)].join('\n\n');
}
