/**
 * Imported before anything else: signals that come while the program is still being loaded. Without a listener SIGUSR1 opens Node's
 * debugger, and SIGHUP ends the process under `nohup`, too.
 */
import { ignoresHangup } from '../util/hangup';

let held = false;

/** Whether SIGUSR1 came before anybody listened for it. */
export function tookSignalEarly(): boolean {
  return held;
}

process.on('SIGUSR1', () => {
  held = true;
});

/** Decided once, as the program starts: its parent may go. */
export const HANGUP_IGNORED = ignoresHangup();
if (HANGUP_IGNORED) process.on('SIGHUP', () => undefined);
