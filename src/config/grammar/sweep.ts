import { UsageError } from '../../sdk/errors';
import { parseOverrides } from './parse';
import { printOverride } from './print';
import type { Override } from './override';

const MAX_JOBS = 10_000;

/** Those of the overrides that give choices. */
export function sweepsOf(overrides: readonly Override[]): Override[] {
  return overrides.filter((override) => override.choices !== undefined);
}

/**
 * The jobs of a sweep: the overrides of each, all combinations of the choices, the last choice varying fastest as in
 * Hydra. Without choices one job. @throws UsageError for overrides that cannot be read
 */
export function expandSweep(texts: readonly string[]): string[][] {
  let jobs: string[][] = [[]];
  const overrides = parseOverrides(texts);
  const count = overrides.reduce((product, { choices }) => product * (choices?.length ?? 1), 1);
  if (count > MAX_JOBS) throw new UsageError(`The sweep has ${count} jobs, and at most ${MAX_JOBS} are allowed.`);
  for (const override of overrides) {
    const { choices, ...rest } = override;
    const variants = choices ? choices.map((value) => printOverride({ ...rest, value })) : [override.text];
    jobs = jobs.flatMap((job) => variants.map((variant) => [...job, variant]));
  }
  return jobs;
}
