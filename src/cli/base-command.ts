import { Command, type Interfaces } from '@oclif/core';
import { visible, visibleJson } from '../util/text';
import { explainParseError } from './parse-error';
import { goOnUnseen } from './output';
import { createProgress, type CliProgress } from './progress';
import { listenForStop } from './stop-signals';

/**
 * Base of all commands: `--json` prints one JSON document on stdout and nothing else. A command parses, calls a job and
 * prints; it knows no file and no component. Jobs load what is heavy when they are called, so that help and listings stay
 * quick.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  /** False for a command that makes more than what it prints: it goes on when nobody reads that any more. */
  static readonly onlyPrints: boolean = true;

  /** Errors are printed in one place, `handle-error.ts`. */
  protected override catch(error: Error): Promise<never> {
    throw error;
  }

  /** @throws UsageError for what does not fit the command */
  protected override async parse<
    F extends Record<string, unknown>,
    B extends Record<string, unknown>,
    A extends Record<string, unknown>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    try {
      return await super.parse(withoutStdin((options ?? this.ctor) as Interfaces.Input<F, B, A>), argv);
    } catch (error) {
      throw explainParseError(error, this.ctor);
    }
  }

  /** What is no mistake and should be known. */
  protected readonly onNote = (text: string): void => {
    this.logToStderr(`Note: ${text}`);
  };

  /** What comes from files and manifests may hold what a terminal obeys. */
  override log(message = '', ...args: unknown[]): void {
    super.log(visible(message), ...args);
  }

  override logToStderr(message = '', ...args: unknown[]): void {
    super.logToStderr(visible(message), ...args);
  }

  readonly #stdoutWrite = process.stdout.write;

  protected override init(): Promise<void> {
    if (!(this.ctor as typeof BaseCommand).onlyPrints) goOnUnseen(this.jsonEnabled());
    if (this.jsonEnabled()) {
      // a plugin's or a library's chatter must not end up in the document
      process.stdout.write = process.stderr.write.bind(process.stderr);
      console.log = console.info = console.debug = console.error;
    }
    return super.init();
  }

  protected override finally(error: Error | undefined): Promise<unknown> {
    // an error is a document too, and written elsewhere
    process.stdout.write = this.#stdoutWrite;
    return super.finally(error);
  }

  /**
   * Whom a job tells of its work: the terminal, or nobody with `--json`.
   *
   * @param bars false: plain lines on a terminal, too
   */
  protected reporting({ bars = true } = {}): { progress: CliProgress; onLog: ((line: string) => void) | undefined } {
    const json = this.jsonEnabled();
    const progress = createProgress({ json, bars });
    return { progress, onLog: json ? undefined : (line) => progress.writeLine(line) };
  }

  /** Work that the first Ctrl-C stops in order, and the second at once. */
  protected async stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = listenForStop();
    try {
      return await work(stop.signal);
    } finally {
      stop.release();
    }
  }

  protected override logJson(json: unknown): void {
    this.#stdoutWrite.call(process.stdout, `${visibleJson(json)}\n`);
  }
}

/** Without this oclif takes what it finds on standard input for an argument that is not given: a loop over a file ends there. */
function withoutStdin<
  F extends Record<string, unknown>,
  B extends Record<string, unknown>,
  A extends Record<string, unknown>,
>(options: Interfaces.Input<F, B, A>): Interfaces.Input<F, B, A> {
  const { args, baseFlags, enableJsonFlag } = options; // what a command inherits is not spread
  if (args === undefined) return options;
  const deaf = Object.entries(args).map(([name, arg]) => [name, { ...arg, ignoreStdin: true }]);
  return { ...options, baseFlags, enableJsonFlag, args: Object.fromEntries(deaf) as typeof args };
}
