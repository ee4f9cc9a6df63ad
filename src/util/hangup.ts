/**
 * Whether a process was to outlive its terminal. Node gives all signals their default meaning as it starts, so what was ignored can
 * only be told by its traces.
 */
import { readFileSync } from 'node:fs';

const O_ACCMODE = 3;
const O_WRONLY = 1;
const SIGHUP_BIT = 1n;

/**
 * Whether this process was started so that it should outlive its terminal: by `nohup`, or by a shell that ignores SIGHUP.
 *
 * @param read the text of a file, for tests
 */
export function ignoresHangup(
  env: NodeJS.ProcessEnv = process.env,
  parent: number = process.ppid,
  read: (file: string) => string = (file) => readFileSync(file, 'utf8'),
): boolean {
  // bash and zsh tell each program the path of the command they started
  if (/(^|\/)nohup$/.test(env['_'] ?? '')) return true;
  return nohupTookInput(read) || parentIgnores(parent, read);
}

/** GNU nohup gives a program that had a terminal as its input one that cannot be read. */
function nohupTookInput(read: (file: string) => string): boolean {
  const [, flags] = /^flags:\s*([0-7]+)$/m.exec(tryRead('/proc/self/fdinfo/0', read)) ?? [];
  return flags !== undefined && (parseInt(flags, 8) & O_ACCMODE) === O_WRONLY;
}

/** What a shell ignores (`trap '' HUP`, or a script under `nohup`), its commands are started with. */
function parentIgnores(parent: number, read: (file: string) => string): boolean {
  const [, ignored] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(tryRead(`/proc/${parent}/status`, read)) ?? [];
  return ignored !== undefined && (BigInt(`0x${ignored}`) & SIGHUP_BIT) !== 0n;
}

function tryRead(file: string, read: (file: string) => string): string {
  try {
    return read(file);
  } catch {
    return ''; // not Linux
  }
}
