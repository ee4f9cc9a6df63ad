/** The list of runs, for people. */
import type { ListedRun, ListedRuns } from '../jobs';
import { numberText, valueText } from '../util/table-text';
import { countOf, shortenText, twoDigits } from '../util/text';
import { alignTable, fullWidth, totalWidth, type TableColumn } from './aligned-table';

/** Room that is left for what differs. */
const REST = 30;
const MAX_DIFFERENCES = 8;
const MAX_TEXT = 80;

export function describeRuns({ runs, metrics, keys }: ListedRuns, width = fullWidth()): string {
  const fixed: TableColumn[] = [
    { header: 'RUN', cells: runs.map(({ label }) => label) },
    { header: 'STATE', cells: runs.map(({ state }) => state) },
    { header: 'STARTED', cells: runs.map(({ started }) => formatTime(started)) },
    { header: 'EPOCHS', cells: runs.map(({ epochs, numEpochs }) => `${epochs}/${numEpochs ?? '?'}`), right: true },
  ];
  const columns = [...fixed];
  for (const { name, label } of metrics) {
    const cells = runs.map((run) => (run.metrics[name] === undefined ? '-' : numberText(run.metrics[name])));
    const next = { header: label.toUpperCase(), cells, right: true };
    if (totalWidth([...columns, next]) + REST > width) break;
    columns.push(next);
  }
  const labels = new Map(keys.map(({ key, label }) => [key, label]));
  const rest = { header: 'DIFFERS IN', cells: runs.map((run) => restOf(run, labels)) };
  return [alignTable(columns, rest), '', countOf(runs.length, 'run')].join('\n');
}

/** `embed_dim=64, seed=1; tags: good; note: as in the paper` */
function restOf({ differs, tags, notes, problem }: ListedRun, labels: ReadonlyMap<string, string>): string {
  const all = Object.entries(differs).map(
    ([key, value]) => `${labels.get(key) ?? key}=${shortenText(valueText(value), MAX_TEXT)}`,
  );
  const more = all.length > MAX_DIFFERENCES ? [`${all.length - MAX_DIFFERENCES} more`] : [];
  const parts = [
    [...all.slice(0, MAX_DIFFERENCES), ...more].join(', '),
    ...(tags.length > 0 ? [`tags: ${tags.join(', ')}`] : []),
    ...notes.map((note) => `note: ${shortenText(note, MAX_TEXT)}`),
    ...(problem === null ? [] : [`failed: ${shortenText(problem.split('\n', 1)[0]!, MAX_TEXT)}`]),
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** Local time to the minute. */
export function formatTime(iso: string | null): string {
  const time = new Date(iso ?? NaN);
  if (Number.isNaN(time.getTime())) return '-';
  const date = [time.getFullYear(), twoDigits(time.getMonth() + 1), twoDigits(time.getDate())].join('-');
  return `${date} ${twoDigits(time.getHours())}:${twoDigits(time.getMinutes())}`;
}
