/** What SLURM says of arrays and their elements. */
import { userInfo } from 'node:os';
import type { QueuedState } from 'osc-trainer/sdk';
import { askQueue, isUnreachable, runProgram, unreachable } from './commands';
import { parseRanges } from './ranges';

/** An element of an array, as SLURM names it: `4711_3`. */
export type Entry = `${string}_${number}`;

/** SLURM's name of a state, and its reason: `PENDING`, `Resources`. */
export interface Listed {
  readonly state: string;
  readonly reason: string;
}

const WAITING = new Set([
  'PENDING',
  'CONFIGURING',
  'REQUEUED',
  'REQUEUE_FED',
  'REQUEUE_HOLD',
  'RESV_DEL_HOLD',
  'SPECIAL_EXIT',
]);
const ENDED = new Set([
  'BOOT_FAIL',
  'CANCELLED',
  'COMPLETED',
  'DEADLINE',
  'EXPIRED',
  'FAILED',
  'LAUNCH_FAILED',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'RECONFIG_FAIL',
  'REVOKED',
  'TIMEOUT',
]);

export const CANCELLED: QueuedState = { state: 'ended', detail: 'CANCELLED', cancelled: true };

/** What SLURM's state means here. One that nobody has heard of counts as running: then the job is not started twice. */
export function meaningOf({ state, reason }: Listed): QueuedState {
  const told = reason === '' || reason === 'None' || reason === '(null)' ? undefined : reason;
  if (WAITING.has(state)) return { state: 'waiting', ...(told === undefined ? {} : { detail: told }) };
  if (state === 'CANCELLED') return CANCELLED;
  if (ENDED.has(state)) return { state: 'ended', ...(state === 'COMPLETED' ? {} : { detail: state }) };
  return { state: 'running', ...(state === 'RUNNING' ? {} : { detail: state }) };
}

/** `4711_3`, or `4711_[0-2,7%4]` for many. Undefined for what is neither. */
function entriesOf(id: string): Entry[] | undefined {
  const match = /^(\d+)_(?:(\d+)|\[([\d,:%-]+)\])$/.exec(id);
  if (match === null) return undefined;
  const [, array, index, list] = match;
  const indices = index === undefined ? parseRanges(list ?? '') : [Number(index)];
  return indices?.map((one): Entry => `${array}_${one}`);
}

/** What is listed, by element; and of arrays whose waiting rest was cancelled, of which SLURM no longer says which elements that were. */
export interface Listing {
  readonly entries: ReadonlyMap<Entry, Listed>;
  readonly cancelled: ReadonlySet<string>;
}

/** Lines of `id|state|reason`, or of sacct's `id|state`. What is no such line is left out. */
export function parseListing(text: string): Listing {
  const single = new Map<Entry, Listed>();
  const ranges = new Map<Entry, Listed>();
  const cancelled = new Set<string>();
  for (const line of text.split('\n')) {
    const [id, state, ...reason] = line.split('|');
    const entries = id === undefined ? undefined : entriesOf(id.trim());
    // sacct writes "CANCELLED by 1000"
    const name = /^[A-Z_]+/.exec(state?.trim() ?? '')?.[0];
    if (name === 'CANCELLED' && id !== undefined && /^\d+$/.test(id.trim())) cancelled.add(id.trim());
    if (entries === undefined || name === undefined) continue;
    const listed = { state: name, reason: reason.join('|').trim() };
    // sacct lists the waiting rest of an array under all indices that it was submitted with
    const into = entries.length === 1 && !id?.includes('[') ? single : ranges;
    for (const entry of entries) into.set(entry, listed);
  }
  return { entries: new Map([...ranges, ...single]), cancelled };
}

/**
 * All that squeue knows of these arrays: what waits and runs, and what ended in the last minutes (SLURM's `MinJobAge`).
 *
 * @throws RunError where it cannot be asked
 */
export async function listArrays(arrays: readonly string[]): Promise<Listing> {
  if (arrays.length === 0) return parseListing('');
  const format = ['--noheader', '--array', '--all', '--states=all', '--format=%i|%T|%r'];
  const answer = await askQueue('squeue', [...format, `--jobs=${arrays.join(',')}`]);
  if (answer.code !== 0 && !/invalid job id/i.test(answer.stderr)) throw unreachable('squeue', answer);
  return parseListing(answer.stdout);
}

/** What accounting knows of them; nothing where the cluster has none. */
export async function listAccounted(arrays: readonly string[]): Promise<ReadonlyMap<Entry, Listed>> {
  if (arrays.length === 0) return new Map();
  try {
    const columns = ['--noheader', '--parsable2', '--allocations', '--format=JobID,State'];
    const { code, stdout } = await runProgram('sacct', [...columns, `--jobs=${arrays.join(',')}`]);
    return code === 0 ? parseListing(stdout).entries : new Map();
  } catch {
    return new Map(); // no such program, or a data base that does not answer: the queue itself has said what there is
  }
}

/** The array that was made of a script, if SLURM still knows of it. @throws RunError where it cannot be asked */
export async function arrayOfScript(script: string): Promise<string | undefined> {
  const scripts = await listScripts(`--user=${userInfo().username}`);
  return Array.from(scripts).find(([, command]) => command === script)?.[0];
}

/** The scripts of arrays that SLURM knows of. @throws RunError where it cannot be asked */
export function scriptsOfArrays(arrays: readonly string[]): Promise<Map<string, string>> {
  return listScripts(`--jobs=${arrays.join(',')}`);
}

async function listScripts(which: string): Promise<Map<string, string>> {
  const answer = await askQueue('squeue', ['--noheader', '--all', '--states=all', '--format=%F|%o', which]);
  if (answer.code !== 0 && !/invalid job id/i.test(answer.stderr)) throw unreachable('squeue', answer);
  const found = new Map<string, string>();
  for (const line of answer.stdout.split('\n')) {
    const [, id, command] = /^(\d+)\|(.*?)\s*$/.exec(line) ?? [];
    if (id !== undefined && command !== undefined) found.set(id, command);
  }
  return found;
}

/** The cluster's limits on arrays. SLURM's defaults where it does not say. @throws RunError where SLURM does not answer */
export async function arrayLimit(): Promise<number> {
  const answer = await runProgram('scontrol', ['show', 'config']);
  if (answer.code !== 0 && isUnreachable(answer)) throw unreachable('scontrol', answer);
  const limits = [/^MaxArraySize\s*=\s*(\d+)/m, /max_array_tasks=(\d+)/]
    .map((pattern) => Number(pattern.exec(answer.stdout)?.[1]))
    .filter((limit) => limit >= 1);
  // the indices of an array are below MaxArraySize
  return limits.length === 0 ? 1001 : Math.min(...limits);
}
