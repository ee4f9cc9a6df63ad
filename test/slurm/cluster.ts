/** A real SLURM of one node, on this machine, for as long as the tests run. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../../shared/slurm/slurm-up.sh');
/** Given by .ci/run, which ends the daemons where jest could not. */
const BASE = process.env.SLURM_BASE ?? mkdtempSync(join(tmpdir(), 'osc-slurm-cluster-'));
const CONF = join(BASE, 'slurm.conf');
export const NODE = hostname().split('.')[0]!;

const env = { ...process.env, SLURM_BASE: BASE, LC_ALL: 'C' };
const installed = (): boolean => spawnSync('sh', ['-c', 'command -v slurmctld']).status === 0;

/**
 * Installs and starts it. Synchronous, since whether there are tests to skip is known before they are listed.
 *
 * @returns why there is none, where SLURM is not installed and cannot be
 * @throws Error where it is installed and does not start
 */
export function startCluster(): string | undefined {
  if (!existsSync(SCRIPT)) return 'shared/slurm/slurm-up.sh is not beside the checkout';
  if (process.getuid?.() !== 0) return 'a SLURM of its own needs root';
  const { status, stderr } = spawnSync('bash', [SCRIPT, 'up'], { env, encoding: 'utf8', timeout: 300_000 });
  if (status !== 0 && !installed()) return `SLURM cannot be installed: ${stderr.trim().split('\n').at(-1)}`;
  process.env.SLURM_CONF = CONF;
  if (status === 0 && /idle/.test(slurm('sinfo', '--noheader', '--format=%T'))) return undefined;
  const logs = `${stderr}\n${logTail('slurmctld')}\n${logTail('slurmd')}`;
  stopCluster();
  throw new Error(`SLURM does not start: ${logs}`);
}

export function stopCluster(): void {
  if (!existsSync(BASE)) return;
  spawnSync('scancel', [`--user=${process.env.USER ?? 'root'}`, '--quiet'], { env: process.env, timeout: 5000 });
  const pids = ['slurmd', 'slurmctld', 'munged'].map((name) => pidOf(join(BASE, `${name}.pid`)));
  spawnSync('bash', [SCRIPT, 'down'], { env });
  for (let i = 0; i < 100 && pids.some(isAlive); i++) spawnSync('sleep', ['0.1']);
  rmSync(BASE, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function pidOf(file: string): number {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

function isAlive(pid: number): boolean {
  return pid > 0 && existsSync(`/proc/${pid}`);
}

function logTail(daemon: string): string {
  const file = join(BASE, 'log', `${daemon}.log`);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-10).join('\n') : '';
}

/** Runs one of SLURM's programs. @returns its stdout @throws Error with its stderr */
export function slurm(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    env: process.env, // jest's: SLURM_CONF is set in it
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  }).trim();
}

/** With another configuration, as far as SLURM reads it anew while it runs. */
export async function withSettings(edit: (text: string) => string, body: () => Promise<void>): Promise<void> {
  const before = readFileSync(CONF, 'utf8');
  writeFileSync(CONF, edit(before));
  slurm('scontrol', 'reconfigure');
  try {
    await body();
  } finally {
    writeFileSync(CONF, before);
    slurm('scontrol', 'reconfigure');
  }
}

/** SLURM lets jobs that were requeued wait for two minutes: it need not. */
export function hurry(): void {
  const listing = slurm('squeue', '--noheader', '--array', '--states=PENDING', '--format=%i|%r');
  for (const line of listing.split('\n')) {
    const [id, reason] = line.split('|');
    if (reason === 'BeginTime') slurm('scontrol', 'update', `JobId=${id}`, 'StartTime=now');
  }
}

/** Resolves when it is so; meanwhile no job waits for its time to begin. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await isSo())) {
    if (Date.now() > deadline)
      throw new Error(`${what}: not within ${seconds} s.\n${slurm('squeue')}\n${logTail('slurmctld')}`);
    hurry();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
