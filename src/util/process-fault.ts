/** Errors that end the process from outside of what it works on: nobody catches them, but a log should have them. */

type Listener = (error: unknown) => void;
const listeners = new Set<Listener>();

/** @returns takes the listener away */
export function onProcessFault(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** The process is about to end because of it. What a listener throws is left out: it is about to end anyway. */
export function tellProcessFault(error: unknown): void {
  for (const listener of listeners) {
    try {
      listener(error);
    } catch {
      // the error itself is what counts, and it is printed
    }
  }
}
