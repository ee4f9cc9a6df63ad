/** Starts the built `osc` as a user does: as a process of its own, which may be sent signals, or not be listened to. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { clearTimeout, setTimeout } from 'node:timers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));
/** Far above what a tiny run takes on a busy machine: who is still there then hangs. */
const HANGS_AFTER_MS = 240_000;

const running = new Set();

export function requireBuilt() {
  if (!existsSync(BIN)) throw new Error(`${BIN} is not there: run "npm run build" first.`);
}

/** Ends what was started here and still runs. */
export function endAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** Has a process ended with those of osc. */
export function endWithAll(child) {
  running.add(child);
  child.on('close', () => running.delete(child));
}

/**
 * @param args of osc
 * @param options `env` is added to the environment; `stdio` replaces the pipes; `inside` makes the command line that osc's is a part of
 * @returns the process, and how it ended: { code, signal, stdout, stderr, hung }
 */
export function startOsc(args, { cwd, env = {}, stdio = ['ignore', 'pipe', 'pipe'], inside = (own) => own }) {
  const [program, ...rest] = inside([process.execPath, BIN, ...args]);
  const child = spawn(program, rest, {
    ...{ cwd, stdio },
    // what the terminal of this script sends is for this script
    detached: true,
    env: { ...process.env, NODE_ENV: undefined, FORCE_COLOR: undefined, NODE_OPTIONS: undefined, ...env },
  });
  endWithAll(child);
  const done = new Promise((resolve, reject) => {
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream]?.setEncoding('utf8').on('data', (text) => (output[stream] += text));
    }
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, HANGS_AFTER_MS);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, hung, ...output });
    });
  });
  return { child, done };
}

/** Waits so long, or until the process has ended. @returns whether it still runs */
export function stillRunsAfter(ms, done) {
  return Promise.race([done.then(() => false), wait(ms, true, { ref: false })]);
}

/** How a process ended, in a line and its last words. */
export function describeEnd({ code, signal, hung, stdout, stderr }) {
  const how = hung ? 'nothing within minutes' : signal === null ? `code ${code}` : `ended by ${signal}`;
  const words = `${stdout}\n${stderr}`.trim().split('\n').slice(-25).join('\n      ');
  return `${how}\n      ${words}`;
}
