import { writeSync } from 'node:fs';

/** Writes to a stream of the process that is ending, when nothing can be waited for; where nobody looks any more, nothing happens. */
export function writeNow(stream: 'stdout' | 'stderr', text: string): void {
  try {
    writeSync(stream === 'stdout' ? 1 : 2, text);
  } catch {
    // the exit code tells of it
  }
}
