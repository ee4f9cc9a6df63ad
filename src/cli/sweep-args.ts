import { Args } from '@oclif/core';
import { UsageError } from '../sdk/errors';

/** `SWEEP` of commands that work on a sweep. */
export const sweepArg = Args.string({
  name: 'SWEEP',
  description: 'A sweep folder, its name, or latest.',
  required: true,
});

/** `[JOB...]`: numbers behind the sweep. Undefined where there are none. @throws UsageError for what is no number */
export function jobNumbers(words: readonly string[]): number[] | undefined {
  if (words.length === 0) return undefined;
  return words.map((word) => {
    if (/^\d{1,6}$/.test(word)) return Number(word);
    throw new UsageError(`A job is named by its number, and "${word}" is none.`, undefined, ['osc sweep status SWEEP']);
  });
}
