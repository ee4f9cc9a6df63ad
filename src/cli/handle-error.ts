/** The one place where an error becomes text and an exit code (DESIGN 9). */
import { isReportedError } from '../sdk/errors';

const BUG_EXIT_CODE = 70;

/** Errors of oclif's own parser (unknown flag or command, missing argument) are the user's to mend. */
function isCliError(error: Error): error is Error & { oclif: { exit?: number }; suggestions?: string[] } {
  return 'oclif' in error;
}

function describe(error: unknown): { code: string; message: string; tries: readonly string[]; exitCode: number } {
  if (isReportedError(error)) {
    return { code: error.code, message: error.message, tries: error.tries, exitCode: error.exitCode };
  }
  if (error instanceof Error && isCliError(error)) {
    const message = error.message.replace(/\s*See more help with --help\s*$/, '');
    return { code: 'usage', message, tries: ['osc --help'], exitCode: 2 };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'bug',
    message: stack,
    tries: ['Report this with the text above, the command you ran and the output of `node --version`.'],
    exitCode: BUG_EXIT_CODE,
  };
}

/** Prints the error (as JSON on stdout with `--json`) and ends the process. */
export function handleError(error: unknown): never {
  // oclif throws this to leave early after --help and --version
  if (error instanceof Error && isCliError(error) && error.oclif.exit === 0) process.exit(0);
  const { code, message, tries, exitCode } = describe(error);
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: { code, message, try: tries } }, null, 2)}\n`);
  } else {
    const title = code === 'bug' ? 'This is a bug in osc.' : 'Error:';
    const lines = [`${title} ${message}`, ...tries.map((hint) => `  Try: ${hint}`)];
    process.stderr.write(`${lines.join('\n')}\n`);
  }
  process.exit(exitCode);
}
