/** How far long work is: a bar on a terminal, a plain line every few seconds elsewhere, nothing with `--json`. */
import { type Options, SingleBar } from 'cli-progress';
import { type Progress, silentProgress } from '../sdk/logger';
import { twoDigits, visible } from '../util/text';

const LINE_SECONDS = 5;
/** On a narrower terminal the bar is short, so that the losses behind it are seen. */
const WIDE_COLUMNS = 120;
/** A rate over less time than this says nothing. */
const MIN_RATE_SECONDS = 0.2;

/** What of a stream is used, so that tests can give their own. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'write'> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

export interface ProgressOptions {
  /** The command prints a JSON document: say nothing. */
  readonly json: boolean;
  /** False: plain lines on a terminal, too. */
  readonly bars?: boolean;
  readonly stream?: ProgressStream;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

/** `3s`, `4m05s`, `2h07m` */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${twoDigits(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h${twoDigits(Math.floor((whole % 3600) / 60))}m`;
}

/** Numbers below ten with one digit after the point where they have any. */
function formatNumber(value: number): string {
  return value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}

interface Task {
  readonly label: string;
  readonly total: number;
  readonly unit: string;
  readonly startedAt: number;
  /** What was done before it started: not a part of the rate. */
  readonly before: number;
  done: number;
  note: string;
}

/** `120/500 scenes, 24%, 31 scenes/s, 12s left` without what cannot be known yet. */
function describe({ total, unit, before, done, note }: Task, seconds: number, separator: string): string {
  const parts = [`${formatNumber(done)}/${formatNumber(total)} ${unit}`];
  const rate = (done - before) / seconds;
  if (seconds >= MIN_RATE_SECONDS && rate > 0) {
    parts.push(`${formatNumber(rate)} ${unit}/s`);
    if (done < total) parts.push(`${formatDuration((total - done) / rate)} left`);
    else parts.push(`took ${formatDuration(seconds)}`);
  }
  if (note !== '') parts.push(note);
  return parts.join(separator);
}

/** Progress that shares its stream with the log. */
export interface CliProgress extends Progress {
  /** Writes a whole line without breaking a bar. */
  writeLine(line: string): void;
}

abstract class TaskProgress implements CliProgress {
  protected task: Task | undefined;

  constructor(protected readonly now: () => number) {}

  abstract writeLine(line: string): void;

  start(label: string, total: number, unit: string, done = 0): void {
    this.stop();
    this.task = { label: visible(label), total, unit, startedAt: this.now(), before: done, done, note: '' };
    this.begin(this.task);
  }

  update(done: number, note = ''): void {
    if (!this.task) return;
    this.task.done = done;
    this.task.note = note;
    this.show(this.task);
  }

  stop(): void {
    if (!this.task) return;
    this.end(this.task);
    this.task = undefined;
  }

  protected seconds(task: Task): number {
    return (this.now() - task.startedAt) / 1000;
  }

  protected abstract begin(task: Task): void;
  protected abstract show(task: Task): void;
  protected abstract end(task: Task): void;
}

class BarProgress extends TaskProgress {
  private bar: SingleBar | undefined;

  constructor(
    private readonly stream: ProgressStream,
    now: () => number,
  ) {
    super(now);
  }

  writeLine(line: string): void {
    // over the bar's line, with the line wrapping that bars switch off; the bar is drawn anew below at its next update
    const text = visible(line);
    this.stream.write(this.bar ? `\r\x1b[K\x1b[?7h${text}\n\x1b[?7l` : `${text}\n`);
  }

  protected begin(task: Task): void {
    const options: Options = {
      format: '{label} {bar} {percentage}% | {text}',
      barsize: (this.stream.columns ?? 0) >= WIDE_COLUMNS ? 24 : 8,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      fps: 10,
      stream: this.stream as NodeJS.WritableStream,
    };
    this.bar = new SingleBar(options);
    this.bar.start(Math.max(task.total, Number.MIN_VALUE), task.done, this.payload(task));
  }

  protected show(task: Task): void {
    this.bar?.update(Math.min(task.done, task.total), this.payload(task));
  }

  protected end(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private payload(task: Task): { label: string; text: string } {
    return { label: task.label, text: describe(task, this.seconds(task), ' | ') };
  }
}

class LineProgress extends TaskProgress {
  private shownAt = 0;
  private shownDone = -1;

  constructor(
    private readonly stream: ProgressStream,
    now: () => number,
  ) {
    super(now);
  }

  writeLine(line: string): void {
    this.stream.write(`${visible(line)}\n`);
  }

  protected begin(task: Task): void {
    this.shownAt = this.now();
    this.shownDone = -1;
    this.stream.write(`${task.label}: ${formatNumber(task.total)} ${task.unit}\n`);
  }

  protected show(task: Task): void {
    if (this.now() - this.shownAt >= LINE_SECONDS * 1000) this.line(task);
  }

  protected end(task: Task): void {
    if (task.done !== this.shownDone) this.line(task);
  }

  private line(task: Task): void {
    this.shownAt = this.now();
    this.shownDone = task.done;
    const percent = task.total > 0 ? Math.floor((100 * task.done) / task.total) : 100;
    this.stream.write(`${task.label}: ${percent}%, ${describe(task, this.seconds(task), ', ')}\n`);
  }
}

/** Progress for a command. It goes to stderr, so that stdout stays what the command prints. */
export function createProgress({
  json,
  bars = true,
  stream = process.stderr,
  now = Date.now,
}: ProgressOptions): CliProgress {
  if (json) return { ...silentProgress, writeLine: () => undefined };
  return stream.isTTY && bars ? new BarProgress(stream, now) : new LineProgress(stream, now);
}
