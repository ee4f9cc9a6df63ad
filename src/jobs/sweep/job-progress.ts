/** How far a job is, from what its training says of its progress. */
import type { JobProgress } from '../../launch';
import type { Progress } from '../../sdk';

/** As the trainer calls an epoch that it trains. */
const EPOCH = /^Train (\d+)\/(\d+)$/;
/** Less of a run than this says nothing of how long the rest takes. */
const MIN_EPOCHS = 1e-3;

/**
 * @param tell called with every step
 * @param now milliseconds
 */
export function jobProgress(
  tell: (progress: JobProgress) => void,
  now: () => number = () => performance.now(),
): Progress {
  let epoch: { readonly before: number; readonly of: number; readonly total: number } | undefined;
  let first: { readonly epochs: number; readonly at: number } | undefined;
  return {
    start(label, total, _unit, done = 0) {
      const [, number, of] = EPOCH.exec(label) ?? [];
      epoch = number === undefined ? undefined : { before: Number(number) - 1, of: Number(of), total };
      if (epoch !== undefined) first ??= { epochs: epoch.before + done / total, at: now() };
    },
    update(done, note = '') {
      if (epoch === undefined || first === undefined) return;
      const epochs = Math.min(epoch.before + done / epoch.total, epoch.of);
      const trained = epochs - first.epochs;
      // tests and figures between epochs count: the clock goes on
      const secondsLeft = trained < MIN_EPOCHS ? null : (((now() - first.at) / 1000) * (epoch.of - epochs)) / trained;
      tell({ epochs, of: epoch.of, losses: note, secondsLeft });
    },
    stop() {
      epoch = undefined;
    },
  };
}
