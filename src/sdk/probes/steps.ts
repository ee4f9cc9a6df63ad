import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Progress } from '../logger';

/** Longest time without a look at signals and the terminal. */
const TURN_MS = 100;

export interface ProbeSteps {
  /** Of the progress. */
  readonly label: string;
  readonly numSteps: number;
  readonly progress: Progress;
}

/**
 * The steps of a probe's training, with progress; now and then signals and the terminal get their turn.
 *
 * @param step of the given number, from 0
 * @returns a note to be shown beside the progress, or `done` where no further step is needed
 */
export async function runProbeSteps(
  { label, numSteps, progress }: ProbeSteps,
  step: (index: number) => { readonly note?: string; readonly done?: boolean },
): Promise<void> {
  progress.start(label, numSteps, 'steps');
  let turned = performance.now();
  for (let index = 0; index < numSteps; index++) {
    const { note, done = false } = step(index);
    const isLast = done || index === numSteps - 1;
    if (performance.now() - turned < TURN_MS && !isLast) continue;
    progress.update(isLast ? numSteps : index + 1, note);
    await nextTurn();
    turned = performance.now();
    if (isLast) return;
  }
}
