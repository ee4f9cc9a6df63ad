/** Errors between threads: a structured clone keeps neither the class nor the fields of ours. */
import { isReportedError, RunError, UsageError } from '../sdk/errors';
import { messageOf } from '../util/thrown';

export interface PlainReportedError {
  readonly code: 'usage' | 'run';
  readonly what: string;
  readonly why: string | undefined;
  readonly hints: readonly string[];
}

export interface PlainBug {
  readonly code: 'bug';
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

export type PlainError = PlainReportedError | PlainBug;

export function toPlainError(error: unknown): PlainError {
  if (isReportedError(error)) return { code: error.code, what: error.what, why: error.why, hints: error.hints };
  if (error instanceof Error) return { code: 'bug', name: error.name, message: error.message, stack: error.stack };
  return { code: 'bug', name: 'Error', message: messageOf(error), stack: undefined };
}

export function fromPlainError(plain: PlainError): Error {
  if (plain.code !== 'bug') {
    const { code, what, why, hints } = plain;
    return code === 'usage' ? new UsageError(what, why, hints) : new RunError(what, why, hints);
  }
  const error = new Error(plain.message);
  error.name = plain.name;
  if (plain.stack !== undefined) error.stack = plain.stack; // where it happened, in the worker
  return error;
}
