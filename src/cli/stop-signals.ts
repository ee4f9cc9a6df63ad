/** Signals that ask a command to stop: the first in order, the second at once. */
import { endProcess } from './process-end';
import { HANGUP_IGNORED, tookSignalEarly } from './first-signals';

/** Exit code of a run that was stopped and can be resumed (EX_TEMPFAIL). */
export const STOPPED_EXIT_CODE = 75;
/** Exit code of a command that was stopped at once. */
export const KILLED_EXIT_CODE = 130;

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGUSR1';

export interface StopRequest {
  /** Aborted by the first signal, whose name is the reason. */
  readonly signal: AbortSignal;
  /** Gives the signals back their usual meaning. */
  release(): void;
}

/**
 * Listens until the request is released.
 *
 * @param signals SIGUSR1 is what SLURM sends ahead of a time limit; SIGHUP is not heard where `nohup` was to keep it off
 * @param onFirst called with the first signal, once what listens to the request knows of it
 */
export function listenForStop(
  signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'],
  onFirst?: (name: StopSignal) => void,
): StopRequest {
  const controller = new AbortController();
  const heard = signals.filter((name) => name !== 'SIGHUP' || !HANGUP_IGNORED);
  const listener = (name: StopSignal): void => {
    if (controller.signal.aborted) {
      // a terminal that goes away says so more than once: its shell, and the system
      if (name !== 'SIGHUP') endProcess(KILLED_EXIT_CODE);
      return;
    }
    controller.abort(name);
    onFirst?.(name);
  };
  for (const name of heard) process.on(name, listener);
  if (heard.includes('SIGUSR1') && tookSignalEarly()) listener('SIGUSR1');
  return {
    signal: controller.signal,
    release() {
      for (const name of heard) process.off(name, listener);
    },
  };
}
