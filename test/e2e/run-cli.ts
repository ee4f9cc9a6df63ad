/** Runs the built `osc` as a user does: as a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const BIN = join(__dirname, '../../dist/cli/bin.js');

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface CliOptions {
  readonly cwd?: string;
  /** Added to the environment; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The program of another installation than this checkout. */
  readonly bin?: string;
}

/** A running `osc`: to be sent signals, or read from as it goes. */
export interface RunningCli {
  readonly child: ChildProcess;
  readonly done: Promise<CliResult>;
}

export function startCli(args: readonly string[], { cwd, env, bin = BIN }: CliOptions = {}): RunningCli {
  if (!existsSync(bin)) throw new Error(`${bin} is not there: run "npm run build" first.`);
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    // neither jest's NODE_ENV nor colours: what a user's pipe gets
    env: { ...process.env, NODE_ENV: undefined, FORCE_COLOR: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const done = new Promise<CliResult>((resolve, reject) => {
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ ...output, code, signal }));
  });
  return { child, done };
}

export function runCli(args: readonly string[], options?: CliOptions): Promise<CliResult> {
  return startCli(args, options).done;
}

/** The document that `--json` prints. @throws Error, with all the output, if stdout holds anything else */
export async function runJson<T = unknown>(args: readonly string[], options?: CliOptions): Promise<T> {
  const result = await runCli([...args, '--json'], options);
  try {
    return JSON.parse(result.stdout) as T;
  } catch (error) {
    throw new Error(`stdout is no JSON document (code ${result.code}):\n${result.stdout}\n${result.stderr}`, {
      cause: error,
    });
  }
}
