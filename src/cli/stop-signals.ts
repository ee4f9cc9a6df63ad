/** Signals that ask a command to stop: the first in order, the second at once. */

/** Exit code of a run that was stopped and can be resumed (EX_TEMPFAIL). */
export const STOPPED_EXIT_CODE = 75;
/** Exit code of a command that was stopped at once. */
export const KILLED_EXIT_CODE = 130;

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGUSR1';

export interface StopRequest {
  /** Aborted by the first signal, whose name is the reason. */
  readonly signal: AbortSignal;
  /** Gives the signals back their usual meaning. */
  release(): void;
}

/**
 * Listens until the request is released.
 *
 * @param signals SIGUSR1 is what SLURM sends ahead of a time limit
 * @param onFirst called with the first signal, once what listens to the request knows of it
 */
export function listenForStop(
  signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM'],
  onFirst?: (name: StopSignal) => void,
): StopRequest {
  const controller = new AbortController();
  const listener = (name: StopSignal): void => {
    if (controller.signal.aborted) process.exit(KILLED_EXIT_CODE);
    controller.abort(name);
    onFirst?.(name);
  };
  for (const name of signals) process.on(name, listener);
  return {
    signal: controller.signal,
    release() {
      for (const name of signals) process.off(name, listener);
    },
  };
}
