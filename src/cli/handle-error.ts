/** The one place where an error becomes text and an exit code. */
import { styleText } from 'node:util';
import { isReportedError, PluginError, type ErrorReport } from '../sdk/errors';
import { isParserError } from './parse-error';

const BUG_EXIT_CODE = 70;
const TITLES: Readonly<Record<string, string>> = { bug: 'This is a bug in osc.', plugin: 'This is a bug in a plugin.' };

/** What is printed of an error, and how the process ends. */
export interface Failure extends ErrorReport {
  readonly exitCode: number;
}

export function describeError(error: unknown): Failure {
  if (isReportedError(error)) {
    return { ...error.toJSON(), exitCode: error.exitCode };
  }
  if (error instanceof PluginError) {
    const { stack = '' } = error.cause instanceof Error ? error.cause : error;
    return {
      code: 'plugin',
      message: `${error.message}\n${stack}`,
      try: [`report this to the authors of ${error.packageNames.join(', ')}, with the text above`],
      exitCode: BUG_EXIT_CODE,
    };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'bug',
    message: stack,
    try: ['report this with the text above, the command you ran and the output of `osc doctor`'],
    exitCode: BUG_EXIT_CODE,
  };
}

/** Prints the error (as JSON on stdout with `--json`) and ends the process. */
export function handleError(error: unknown): void {
  // to leave early, e.g. after --help
  if (isParserError(error) && error.oclif.exit === 0) process.exit(0);
  const { exitCode, ...report } = describeError(error);
  const [stream, text] = wantsJson(process.argv)
    ? [process.stdout, JSON.stringify({ error: report }, null, 2)]
    : [process.stderr, inWords(report)];
  stream.write(`${text}\n`, () => process.exit(exitCode));
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).includes('--json');
}

function inWords({ code, message, try: hints }: ErrorReport): string {
  const title = TITLES[code] ?? 'Error:';
  const red = process.stderr.isTTY && process.env['NO_COLOR'] === undefined ? styleText('red', title) : title;
  return [`${red} ${message}`, ...hints.map((hint) => `  Try: ${hint}`)].join('\n');
}

/** `osc … | head` closes the pipe early, which is no error. */
export function quietOnClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}
