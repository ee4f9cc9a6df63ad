/** The one place where an error becomes text and an exit code (DESIGN 9). */
import { styleText } from 'node:util';
import { isReportedError, PluginError, type ErrorReport } from '../sdk/errors';
import { nearNames, suggest } from '../util/near-names';

const USAGE_EXIT_CODE = 2;
const BUG_EXIT_CODE = 70;
const TITLES: Readonly<Record<string, string>> = { bug: 'This is a bug in osc.', plugin: 'This is a bug in a plugin.' };

/** Errors of oclif's own parser (unknown flag, missing argument) are the user's to mend. */
interface CliError extends Error {
  readonly oclif: { readonly exit?: number };
  /** Unknown flags, as written. */
  readonly flags?: unknown;
  /** The command that was being parsed, set by its base class: not every error of the parser knows. */
  readonly command?: string;
  readonly parse?: { readonly input?: { readonly flags?: object; readonly context?: { readonly id?: string } } };
}

function isCliError(error: unknown): error is CliError {
  return error instanceof Error && 'oclif' in error;
}

/** What is printed of an error, and how the process ends. */
export interface Failure extends ErrorReport {
  readonly exitCode: number;
}

export function describeError(error: unknown): Failure {
  if (isReportedError(error)) {
    // not error.message: oclif puts its own words around that of a flag's parser
    const message = error.why === undefined ? error.what : `${error.what} ${error.why}`;
    return { code: error.code, message, try: error.hints, exitCode: error.exitCode };
  }
  if (isCliError(error)) return describeCliError(error);
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

function describeCliError(error: CliError): Failure {
  const { flags: known = {}, context } = error.parse?.input ?? {};
  const written = Array.isArray(error.flags) ? error.flags.map(String) : [];
  const near = written.flatMap((flag) => nearNames(flag.replace(/^-+/, ''), Object.keys(known)));
  const message = error.message
    .replace(/\s*See more help with --help\s*$/, '')
    .replace(/\n\nNote: .*$/s, '') // how to write a flag of several values, though ours take one each
    .replace(/^Nonexistent flag(s?): /, 'There is no flag$1 ')
    .replace(/^Parsing (--\S+)\s+Expected (.*) but received:\s*(.*)$/s, '$1 should be $2, not "$3"')
    .replace(/^Missing 1 required arg:/, 'An argument is missing:')
    .replace(/^Missing (\d+) required args:/, '$1 arguments are missing:')
    .replace(/^The following errors? occurred:\s*(?=Missing)/, '')
    .replace(/^\s*Missing required flag (\S+)$/gm, 'The flag --$1 is missing.')
    .replace(/^Expected (--[^=\s]+)=(.*) to be one of: (.*)$/s, '$1 should be one of $3, not "$2"');
  const question = suggest(near.map((flag) => `--${flag}`));
  const command = (context?.id ?? error.command ?? '').replaceAll(':', ' ');
  return {
    code: 'usage',
    message: `${message}${/[.?\n]/.test(message.slice(-1)) || message.includes('\n') ? '' : '.'}${question === undefined ? '' : ` ${question}`}`,
    try: [`osc ${command} --help`.replace('  ', ' ')],
    exitCode: USAGE_EXIT_CODE,
  };
}

/** Prints the error (as JSON on stdout with `--json`) and ends the process. */
export function handleError(error: unknown): void {
  // oclif throws this to leave early, e.g. after --help
  if (isCliError(error) && error.oclif.exit === 0) process.exit(0);
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
