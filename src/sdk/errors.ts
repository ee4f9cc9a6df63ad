/**
 * The errors that are not bugs. Anything else that reaches the command line is a bug: it is printed with its stack and
 * ends the process with code 70.
 */
import { shortenText } from '../util/text';

/** What a failure looks like under `--json`, inside `{ "error": … }`. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly try: readonly string[];
}

/** Of a message, and of a thing to try: far above what anybody reads. What was wrong may have been a name of a megabyte. */
const MAX_CHARACTERS = 20_000;
const MAX_HINT = 2000;

/** What the errors made for people have in common. */
export abstract class ReportedError extends Error {
  abstract readonly code: string;
  abstract readonly exitCode: number;
  readonly what: string;
  readonly why?: string;
  readonly hints: readonly string[];

  /**
   * @param what whole sentence: what went wrong, with the file, key or tensor it is about
   * @param why whole sentence: the cause, where the first one does not say it
   * @param hints what the user can do, one command or key to change each
   */
  constructor(what: string, why?: string, hints: readonly string[] = [], options?: { cause?: unknown }) {
    const told = shortenText(what, MAX_CHARACTERS);
    const reason = why === undefined ? undefined : shortenText(why, MAX_CHARACTERS);
    super(reason === undefined ? told : `${told} ${reason}`, options);
    this.name = new.target.name;
    this.what = told;
    if (reason !== undefined) this.why = reason;
    this.hints = hints.filter((hint) => hint.length <= MAX_HINT);
  }

  toJSON(): ErrorReport {
    return { code: this.code, message: this.message, try: this.hints };
  }
}

/** The user can mend it: bad input, found before work starts. No stack; exit code 2. */
export class UsageError extends ReportedError {
  readonly code = 'usage';
  readonly exitCode = 2;
}

/** The world failed in the middle: disk full, loss not finite, data gone. No stack; exit code 1. */
export class RunError extends ReportedError {
  readonly code = 'run';
  readonly exitCode = 1;
}

/**
 * True for errors made for people, from whichever copy of the SDK they come (a plugin may carry its own by mistake,
 * and `instanceof` would then be false).
 */
export function isReportedError(error: unknown): error is UsageError | RunError {
  try {
    return (
      error instanceof Error &&
      (error.name === 'UsageError' || error.name === 'RunError') &&
      typeof (error as Partial<UsageError>).exitCode === 'number'
    );
  } catch {
    return false; // a getter of it threw
  }
}

/** A bug, but not of ours: code of a third-party plugin threw. Printed with the stack of its cause; exit code 70. */
export class PluginError extends Error {
  override readonly name = 'PluginError';

  /** @param packageNames of the plugin, or of those that may be to blame */
  constructor(
    readonly packageNames: readonly string[],
    what: string,
    cause: unknown,
  ) {
    super(what, { cause });
  }
}
