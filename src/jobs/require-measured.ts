/** What is measured as training starts is not there yet. */
import type { OscConfig } from '../config';
import { UsageError } from '../sdk';

/** @throws UsageError for a config of a model whose normalisation nobody has measured */
export function requireMeasured({ data: { normalize } }: OscConfig): void {
  if (normalize.from_data === null) return;
  throw new UsageError(
    `data.normalize.from_data=${normalize.from_data} is measured as training starts, and here nothing is trained.`,
    'A run has what was measured for it in its config.',
    ['data.normalize={mean: [R, G, B], std: [R, G, B]}', 'data.normalize.from_data=null'],
  );
}
