/** What was typed and does not fit a command, in a sentence. */
import type { Command, Interfaces } from '@oclif/core';
import { isReportedError, UsageError } from '../sdk/errors';
import { nearNames, suggest } from '../util/near-names';

/** The command that was parsed. */
export type ParsedCommand = Pick<typeof Command, 'id' | 'strict' | 'flags' | 'args'>;

/** An error of oclif's parser. Where it checks the whole of the input, it says what it has read. */
interface ParserError extends Error {
  readonly oclif: { readonly exit?: number };
  readonly parse?: { readonly output?: Interfaces.ParserOutput };
}

/** oclif throws this, too, to leave early: after `--help` with code 0. */
export function isParserError(error: unknown): error is ParserError {
  try {
    return error instanceof Error && 'oclif' in error;
  } catch {
    return false; // thrown by code of others: a proxy that throws
  }
}

/** Errors of the parser become UsageErrors that name the command's help; others are as they were. */
export function explainParseError(error: unknown, command: ParsedCommand): unknown {
  const help = [`osc ${command.id.replaceAll(':', ' ')} --help`];
  // a flag's own; anew, since oclif puts words around its message
  if (isReportedError(error)) return new UsageError(error.what, error.why, error.hints.length > 0 ? error.hints : help);
  if (!isParserError(error) || error.oclif.exit === 0) return error;
  const output = error.parse?.output;
  const mistake = output === undefined ? undefined : findMistake(output, command);
  return mistake === undefined
    ? new UsageError(`${firstLine(error.message)}.`, undefined, help)
    : new UsageError(mistake.what, mistake.why, help);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

interface Mistake {
  readonly what: string;
  readonly why?: string | undefined;
}

/** In the order in which the parser looks. */
function findMistake(
  { nonExistentFlags, args, argv, flags }: Interfaces.ParserOutput,
  command: ParsedCommand,
): Mistake | undefined {
  const unknown = nonExistentFlags.map((flag) => flag.replace(/=.*/s, ''));
  if (unknown.length > 0) {
    const near = unknown.flatMap((flag) => nearNames(flag.replace(/^-+/, ''), Object.keys(command.flags)));
    return {
      what: `There is no flag ${unknown.join(' and no flag ')}.`,
      why: suggest(near.map((name) => `--${name}`)),
    };
  }
  const extra = command.strict ? argv.slice(Object.keys(command.args).length).map(String) : [];
  if (extra.length > 0) return { what: `Unexpected argument${extra.length === 1 ? '' : 's'}: ${extra.join(', ')}.` };
  const missing = Object.entries(command.args).filter(([name, arg]) => arg.required && args[name] === undefined);
  if (missing.length > 0) {
    const list = missing.map(([name, { description = '' }]) => `\n${name}  ${description}`.trimEnd());
    const what = missing.length === 1 ? 'An argument is missing' : `${missing.length} arguments are missing`;
    return { what: `${what}:${list.join('')}` };
  }
  const problems = Object.entries(command.flags).flatMap(([name, flag]) => flagProblems(name, flag, flags));
  return problems.length > 0 ? { what: [...new Set(problems)].join('\n') } : undefined;
}

function flagProblems(
  name: string,
  { required, exclusive = [] }: Interfaces.Flag<unknown>,
  given: Interfaces.ParserOutput['flags'],
): string[] {
  if (given[name] === undefined) return required === true ? [`The flag --${name} is missing.`] : [];
  return exclusive
    .filter((other) => given[other] !== undefined)
    .map((other) => `--${[name, other].sort().join(' and --')} cannot be used together.`);
}
