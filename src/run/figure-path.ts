import { join } from 'node:path';

/**
 * `figures/NAME-epoch-0005.png` in the run directory.
 *
 * @param epochs epochs finished, as in the names of checkpoints
 */
export function figurePath(runDir: string, name: string, epochs: number): string {
  return join(runDir, 'figures', `${name}-epoch-${String(epochs).padStart(4, '0')}.png`);
}
