/**
 * Standard output and standard error are for looking: where nobody takes them any more (a pipe is closed, the disk is full, a terminal
 * has gone) a command that works goes on without, and one that only prints ends.
 */
import { RunError } from '../sdk/errors';
import { diskProblem } from '../util/disk-problem';
import { endProcess } from './process-end';

type Stream = Pick<NodeJS.WriteStream, 'on' | 'removeAllListeners' | 'write'>;

/** Why what was printed is lost. */
let lost: NodeJS.ErrnoException | undefined;
let goesOn = false;
let printCounts = true;

/**
 * The command makes more than what it prints: it goes on when nobody looks any more.
 *
 * @param document what it prints is for a program: where that is lost, the command has failed in the end
 */
export function goOnUnseen(document: boolean): void {
  goesOn = true;
  printCounts = document;
}

/** What was printed and could not be written, as the error to end with; undefined where all was, or its reader had seen enough. */
export function lostPrint(): RunError | undefined {
  if (lost === undefined || isReaderGone(lost) || !printCounts) return undefined;
  return new RunError('The standard output could not be written.', diskProblem(lost) ?? `${lost.message}.`);
}

/** `osc … | head` closes the pipe early, which is no error. */
function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}

/**
 * @param isResult what a command prints goes here (stdout): of a command that only prints, losing it is its end
 * @param fail prints an error and ends the process with its code
 */
export function guardOutput(stream: Stream, isResult: boolean, fail: (error: unknown) => void): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  const lose = (error: NodeJS.ErrnoException): void => {
    stream.write = ((...args: unknown[]) => {
      const callback = args.at(-1);
      if (typeof callback === 'function') process.nextTick(callback as () => void);
      return true;
    }) as Stream['write'];
    if (!isResult) return;
    lost ??= error;
    if (goesOn) return;
    const problem = lostPrint();
    if (problem === undefined) endProcess(Number(process.exitCode ?? 0));
    else fail(problem);
  };
  stream.removeAllListeners('error'); // oclif's throws all but a closed pipe
  stream.on('error', lose);
  stream.write = ((...args: unknown[]) => {
    try {
      return write(...args);
    } catch (error) {
      lose(error as NodeJS.ErrnoException);
      return false;
    }
  }) as Stream['write'];
}
