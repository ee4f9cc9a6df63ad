/** Who holds a lock, so that another process can tell whether it still runs. */
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isProcessAlive } from './process-alive';

export interface LockHolder {
  readonly host: string;
  readonly pid: number;
  /** A number that the system draws as it starts, and where process numbers count (a container); null where they cannot be told. */
  readonly system: string | null;
  /** When the process started, in ticks since the system did: numbers are given again. Null where it cannot be told. */
  readonly started: string | null;
  /** Differs from lock to lock. */
  readonly token: string;
}

/** This process, with a new token. */
export function thisHolder(): LockHolder {
  return {
    host: hostname(),
    pid: process.pid,
    system: systemOf(),
    started: processStat(process.pid)?.started ?? null,
    token: randomBytes(8).toString('hex'),
  };
}

/** What the text of a lock says; undefined where it says nothing, as one that was cut off. */
export function parseHolder(text: string): LockHolder | undefined {
  try {
    const { host, pid, system = null, started = null, token = '' } = JSON.parse(text) as Partial<LockHolder>;
    if (typeof host !== 'string' || !Number.isSafeInteger(pid) || typeof token !== 'string') return undefined;
    return { host, pid: pid!, system: textOrNull(system), started: textOrNull(started), token };
  } catch {
    return undefined;
  }
}

/**
 * `lives` and `gone` are certain. `unseen`: of another machine or container, or one of whom too little is known; only time tells.
 */
export function stateOf(holder: LockHolder | undefined): 'lives' | 'gone' | 'unseen' {
  if (holder === undefined) return 'unseen';
  const here = systemOf();
  if (here === null || holder.system === null) {
    // without /proc; numbers of processes are those of one machine
    return holder.host === hostname() && !isProcessAlive(holder.pid) ? 'gone' : 'unseen';
  }
  if (holder.system !== here) return 'unseen';
  const stat = processStat(holder.pid);
  // a system may hide processes of other users
  if (stat === undefined) return isProcessAlive(holder.pid) ? 'unseen' : 'gone';
  return stat.ended || stat.started !== holder.started ? 'gone' : 'lives';
}

let system: string | null | undefined;

function systemOf(): string | null {
  if (system === undefined) {
    try {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      system = `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
    } catch {
      system = null; // not Linux
    }
  }
  return system;
}

/** Undefined where there is no such process. */
function processStat(pid: number): { started: string; ended: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the name before may hold anything, parentheses too
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { started: fields[19]!, ended: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return undefined;
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
