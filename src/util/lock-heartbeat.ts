/** Renews a lock from a thread of its own: a step of training may keep the main thread busy for a minute. */
import { Worker } from 'node:worker_threads';
import type { LockHolder } from './lock-holder';

/** Run in the thread, as text: it needs no file beside it, built or not. */
const BEAT = `
const { parentPort, workerData: { file, token, beatMs } } = require('node:worker_threads');
const { readFileSync, utimesSync } = require('node:fs');
const timer = setInterval(() => {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return; // a file server that is away comes back
    text = '';
  }
  if (!text.includes(token)) {
    clearInterval(timer);
    parentPort.postMessage('lost');
    return;
  }
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {} // the same, or gone since: the next beat sees it
}, beatMs);
`;

export interface Heartbeat {
  /** The lock was removed, or another process has it. */
  readonly lost: boolean;
  stop(): void;
}

export function startHeartbeat(file: string, { token }: LockHolder, beatMs: number): Heartbeat {
  let lost = false;
  const worker = new Worker(BEAT, { eval: true, execArgv: [], workerData: { file, token, beatMs } });
  worker.on('message', () => {
    lost = true;
  });
  // not renewed any more, so others may take it
  worker.on('error', () => {
    lost = true;
  });
  worker.unref(); // last: a listener of messages keeps the process alive again
  return {
    get lost() {
      return lost;
    },
    stop: () => void worker.terminate(),
  };
}
