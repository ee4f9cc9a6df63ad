import { parseOverrides } from './parse';
import { printOverride } from './print';
import type { Override } from './override';

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
  for (const override of parseOverrides(texts)) {
    const { choices, ...rest } = override;
    const variants = choices ? choices.map((value) => printOverride({ ...rest, value })) : [override.text];
    jobs = jobs.flatMap((job) => variants.map((variant) => [...job, variant]));
  }
  return jobs;
}
