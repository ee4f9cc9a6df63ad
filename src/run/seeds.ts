/** Seeds left null are drawn once and recorded, so that a run can be repeated and resumed. */
import { randomInt } from 'node:crypto';

/** The size the reference draws from. */
const SEED_BOUND = 2 ** 32;

export function drawSeed(): number {
  return randomInt(SEED_BOUND);
}
