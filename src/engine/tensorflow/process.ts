/** Runs other programs. */
import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its stdin. */
  readonly input?: string;
  /** Kills it and what it has started. */
  readonly signal?: AbortSignal | undefined;
}

export interface Finished {
  /** Null where it could not be started, as there is no such program, or a signal ended it. */
  readonly code: number | null;
  /** False where there is no such program. */
  readonly found: boolean;
  /** All that it wrote to stdout. */
  readonly stdout: string;
  /** The end of all that it wrote. */
  readonly output: string;
}

/** Resolves also where the program fails. */
export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<Finished>;

const KEPT_CHARACTERS = 20_000;
const WINDOWS = process.platform === 'win32';

export const runProcess: Run = (command, args, { cwd, env, input, signal } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // a group of its own, so that it can be killed with its children; Windows has none
      detached: !WINDOWS,
      // npm is a script there
      shell: WINDOWS && command === 'npm',
    });
    const kill = (): void => {
      try {
        if (WINDOWS) child.kill();
        else if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      } catch {
        // it has ended by itself
      }
    };
    if (signal?.aborted === true) kill();
    signal?.addEventListener('abort', kill, { once: true });
    let stdout = '';
    let output = '';
    const keep = (text: string): void => {
      output = (output + text).slice(-KEPT_CHARACTERS);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      keep(text);
    });
    child.stderr.setEncoding('utf8').on('data', keep);
    child.stdin.on('error', () => undefined); // it may end before it has read all
    child.stdin.end(input);
    const finish = (finished: Finished): void => {
      signal?.removeEventListener('abort', kill);
      resolve(finished);
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') finish({ code: null, found: false, stdout, output });
      else reject(error);
    });
    child.on('close', (code) => finish({ code, found: true, stdout, output }));
  });

/** What a program said last, in one line: for messages. */
export function lastLines({ output }: Finished, lines = 3): string {
  const said = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return said.length === 0 ? 'It said nothing.' : `It said: ${said.slice(-lines).join(' | ')}`;
}
