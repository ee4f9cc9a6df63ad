/** How a sweep goes on: a table of the jobs that run on a terminal, plain lines elsewhere, nothing with `--json`. */
import { MultiBar, type SingleBar } from 'cli-progress';
import type { JobView } from '../jobs';
import { countOf, visible } from '../util/text';
import { formatDuration, type ProgressStream } from './progress';

export interface SweepDisplay {
  onStart(job: JobView['job']): void;
  onEnd(view: JobView): void;
  onLook(views: readonly JobView[]): void;
  /** A line for people. */
  onNote(line: string): void;
  stop(): void;
}

const silent: SweepDisplay = { onStart() {}, onEnd() {}, onLook() {}, onNote() {}, stop() {} };

/** Seconds between two lines of how the sweep stands, where nothing else is told. */
const LINE_SECONDS = 60;
const NAME_WIDTH = 36;
/** Jobs that a terminal has room for. */
const MAX_ROWS = 20;

export function createSweepDisplay({
  json,
  stream = process.stderr,
}: {
  readonly json: boolean;
  readonly stream?: ProgressStream;
}): SweepDisplay {
  if (json) return silent;
  return stream.isTTY ? new LiveTable(stream) : new SweepLines(stream);
}

/** `job 3 (embed_dim=64)`, without the name where nothing differs. */
function called({ number, name }: JobView['job']): string {
  return name === '' ? `job ${number}` : `job ${number} (${name})`;
}

function howItEnded({ job, record }: JobView): string {
  const { state, reason } = record;
  return `${called(job)} ${state === 'failed' ? 'FAILED' : `has ${state}`}${reason === null ? '' : `: ${reason}`}`;
}

/** `12 of 108 jobs finished, 1 failed, 4 running` */
export function describeCounts(views: readonly { readonly job: Pick<JobView['job'], 'state'> }[]): string {
  const count = (state: JobView['job']['state']): number => views.filter(({ job }) => job.state === state).length;
  const others = (['failed', 'stopped', 'running', 'waiting'] as const).flatMap((state) => {
    const number = count(state);
    return number === 0 ? [] : [`${number} ${state}`];
  });
  return [`${count('finished')} of ${countOf(views.length, 'job')} finished`, ...others].join(', ');
}

class SweepLines implements SweepDisplay {
  #toldAt = Date.now();

  constructor(private readonly stream: ProgressStream) {}

  onStart(job: JobView['job']): void {
    this.onNote(`${called(job)} started${job.attempts > 0 ? ' again' : ''}`);
  }

  onEnd(view: JobView): void {
    this.onNote(howItEnded(view));
  }

  onLook(views: readonly JobView[]): void {
    if (Date.now() - this.#toldAt >= LINE_SECONDS * 1000) this.onNote(describeCounts(views));
  }

  onNote(line: string): void {
    this.#toldAt = Date.now();
    this.stream.write(`${visible(line)}\n`);
  }

  stop(): void {
    // a line is whole
  }
}

/** A row for each job that runs; what has ended scrolls by above. */
class LiveTable implements SweepDisplay {
  readonly #table: MultiBar;
  readonly #rows = new Map<number, SingleBar>();
  #sum: SingleBar | undefined;
  #stopped = false;

  constructor(stream: ProgressStream) {
    this.#table = new MultiBar({
      format: '{job}  {what}  {bar} {epochs}  {left}  {losses}',
      barsize: 12,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      fps: 4,
      forceRedraw: true,
      stream: stream as NodeJS.WritableStream,
    });
  }

  onStart({ number, name }: JobView['job']): void {
    if (this.#rows.size >= MAX_ROWS || this.#rows.has(number)) return;
    this.#rows.set(number, this.#table.create(1, 0, rowOf(number, name, 'starting')));
  }

  onEnd(view: JobView): void {
    const row = this.#rows.get(view.job.number);
    if (row !== undefined) this.#table.remove(row);
    this.#rows.delete(view.job.number);
    this.onNote(howItEnded(view));
  }

  onLook(views: readonly JobView[]): void {
    for (const { job, record } of views) {
      const row = this.#rows.get(job.number);
      const { progress } = record;
      if (row === undefined || progress === null) continue;
      const { epochs, of, secondsLeft, losses } = progress;
      const left = secondsLeft === null ? '' : `${formatDuration(secondsLeft)} left`;
      row.update(epochs / of, rowOf(job.number, job.name, `${epochs.toFixed(1)}/${of} epochs`, left, losses));
    }
    const finished = views.filter(({ job: { state } }) => state === 'finished').length;
    const sum = rowOf(null, describeCounts(views), '');
    this.#sum ??= this.#table.create(views.length, finished, sum);
    this.#sum.setTotal(views.length);
    this.#sum.update(finished, sum);
  }

  onNote(line: string): void {
    this.#table.log(`${visible(line)}\n`);
  }

  stop(): void {
    if (this.#stopped) return; // the table would be drawn again
    this.#stopped = true;
    this.#table.stop();
  }
}

function rowOf(number: number | null, what: string, epochs: string, left = '', losses = ''): Record<string, string> {
  const width = number === null ? 0 : NAME_WIDTH;
  const text = visible(what);
  return {
    job: number === null ? '   ' : String(number).padStart(3),
    what: (width > 0 && text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width),
    epochs: epochs.padEnd(15),
    left: left.padEnd(12),
    losses: visible(losses),
  };
}
