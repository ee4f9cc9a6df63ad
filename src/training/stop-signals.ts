/**
 * SIGINT, SIGTERM and SLURM's SIGUSR1: the first asks for a stop after the current step, the second stops at once.
 */

/** Exit code of a run that was stopped and can be resumed (EX_TEMPFAIL). */
export const STOPPED_EXIT_CODE = 75;
/** Exit code of a run that was stopped at once. */
export const KILLED_EXIT_CODE = 130;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const;

export interface StopSignals {
  /** The signal that asked for a stop, if one did. */
  readonly received: NodeJS.Signals | undefined;
  /** Gives the signals back their usual meaning. */
  release(): void;
}

/** @param onFirst called once, when a stop is asked for */
export function listenForStop(onFirst: (signal: NodeJS.Signals) => void): StopSignals {
  let received: NodeJS.Signals | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    if (received !== undefined) process.exit(KILLED_EXIT_CODE);
    received = signal;
    onFirst(signal);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    get received() {
      return received;
    },
    release() {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
