/** The one place where an error becomes text and an exit code. */
import { styleText } from 'node:util';
import { isReportedError, PluginError, type ErrorReport } from '../sdk/errors';
import { foreignCode, ownerOf, patchedPrototypes } from '../util/foreign-code';
import { visible, visibleJson } from '../util/text';
import { messageOf, stackOf } from '../util/thrown';
import { writeNow } from '../util/write-now';
import { isParserError } from './parse-error';
import { ConfigFileFault, endProcess } from './process-end';

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
  const stack = stackOf(error);
  if (isOutOfFiles(error)) {
    return {
      code: 'run',
      message: `This process may not open more files: ${messageOf(error)}.`,
      try: ['ulimit -n 1024    (or ask who runs this machine)'],
      exitCode: 1,
    };
  }
  if (error instanceof ConfigFileFault) {
    const hint = 'let the file export a map, or a function that returns one';
    return { code: 'usage', message: error.message, try: [hint], exitCode: BUG_EXIT_CODE };
  }
  const owner = ownerOf(stack);
  if (isPluginError(error)) {
    const cause = error.cause === undefined ? '' : `\n${stackOf(error.cause)}`;
    return pluginFailure(error.packageNames, `${error.message}${cause}`);
  }
  const patches = patchedPrototypes();
  if (patches.length > 0) {
    const names = foreignCode().map(({ name }) => name);
    const what = `Code of ${names.join(', ')} changes what all objects have: ${patches.join(', ')}. After that`;
    return pluginFailure(names, `${what} this was thrown: ${stack}`);
  }
  if (owner?.kind === 'plugin') return pluginFailure([owner.name], `Code of ${owner.name} threw: ${stack}`);
  return {
    code: 'bug',
    message: stack,
    try: ['report this with the text above, the command you ran and the output of `osc doctor`'],
    exitCode: BUG_EXIT_CODE,
  };
}

/** A limit of the process or of the machine, met wherever a file or a library is opened. */
function isOutOfFiles(error: unknown): boolean {
  const text = messageOf(error);
  return /^E[MN]FILE\b/.test(text);
}

function pluginFailure(names: readonly string[], message: string): Failure {
  return {
    code: 'plugin',
    message,
    try: [`report this to the authors of ${names.join(', ')}, with the text above`],
    exitCode: BUG_EXIT_CODE,
  };
}

/** What was thrown may be something that throws when it is asked what it is. */
function isPluginError(error: unknown): error is PluginError {
  try {
    return error instanceof PluginError;
  } catch {
    return false;
  }
}

/** Prints the error (as JSON on stdout with `--json`) and ends the process. */
export function handleError(error: unknown): void {
  // to leave early, e.g. after --help
  if (isParserError(error) && error.oclif.exit === 0) endProcess(0);
  const { exitCode, stream, text } = printed(error);
  process.exitCode = exitCode; // also where the text cannot be written any more
  process[stream].write(`${text}\n`, () => {
    endProcess(exitCode);
  });
}

/** The same while the process is ending, when nothing can be waited for. */
export function handleErrorNow(error: unknown): void {
  const { exitCode, stream, text } = printed(error);
  process.exitCode = exitCode;
  writeNow(stream, `${text}\n`);
}

function printed(error: unknown): { exitCode: number; stream: 'stdout' | 'stderr'; text: string } {
  const { exitCode, ...report } = describeError(error);
  return wantsJson(process.argv)
    ? { exitCode, stream: 'stdout', text: visibleJson({ error: report }) }
    : { exitCode, stream: 'stderr', text: inWords(report) };
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? undefined : end).includes('--json');
}

function inWords({ code, message, try: hints }: ErrorReport): string {
  const title = TITLES[code] ?? 'Error:';
  const red = process.stderr.isTTY && process.env['NO_COLOR'] === undefined ? styleText('red', title) : title;
  return `${red} ${visible([message, ...hints.map((hint) => `  Try: ${hint}`)].join('\n'))}`;
}
