/** What the machine is made of, as far as speed and memory go. Loads nothing. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { THREADS_VARIABLE } from '../util/threads-variable';
import { cgroupLimits, type CgroupLimits, type ReadText } from './cgroup';

export interface Machine {
  /** As the processor names itself. */
  readonly processor: string;
  /** `linux`, `darwin`, …; `x64`, `arm64`, …: as Node names them. */
  readonly platform: string;
  readonly architecture: string;
  /** The widest vector instructions that the engines have kernels for; null where that cannot be told. */
  readonly instructionSet: InstructionSet | null;
  /** Null where that cannot be told. */
  readonly cores: number | null;
  readonly hardwareThreads: number;
  /** Those of the hardware threads that this process may run on. */
  readonly usableThreads: number;
  /** What the container or batch job may use; null is no limit. */
  readonly limits: CgroupLimits;
  readonly memoryBytes: number;
  /** Without swapping. */
  readonly freeMemoryBytes: number;
}

export type InstructionSet = 'AVX-512' | 'AVX2' | 'baseline' | 'NEON';

/** Of an engine: what native/cpp/pool.h has room for. */
export const MAX_THREADS = 256;

const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const AVX512 = ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'];
const AVX2 = ['avx2', 'fma'];

/** @param cpuinfo of `/proc/cpuinfo`; every ARM64 processor has NEON */
export function instructionSetOf(architecture: string, cpuinfo: string | undefined): InstructionSet | null {
  if (architecture === 'arm64') return 'NEON';
  const line = architecture === 'x64' ? /^flags\s*:(.*)$/m.exec(cpuinfo ?? '') : null;
  if (line === null) return null;
  const flags = new Set(line[1]!.trim().split(/\s+/));
  const has = (names: readonly string[]): boolean => names.every((name) => flags.has(name));
  return has(AVX512) ? 'AVX-512' : has(AVX2) ? 'AVX2' : 'baseline';
}

/** Different (socket, core) pairs of `/proc/cpuinfo`; null where it does not tell, as on ARM64. */
export function coresOf(cpuinfo: string | undefined): number | null {
  const field = (block: string, name: string): string | undefined =>
    new RegExp(`^${name}\\s*:\\s*(\\d+)`, 'm').exec(block)?.[1];
  const cores = new Set<string>();
  for (const block of (cpuinfo ?? '').split(/\n\n+/)) {
    const core = field(block, 'core id');
    if (core !== undefined) cores.add(`${field(block, 'physical id') ?? 0}/${core}`);
  }
  return cores.size === 0 ? null : cores.size;
}

export function readMachine(read: ReadText = readText): Machine {
  const cpuinfo = read('/proc/cpuinfo');
  const processors = cpus();
  const { arch: architecture, platform } = process;
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    platform,
    architecture,
    instructionSet: instructionSetOf(architecture, cpuinfo),
    cores: coresOf(cpuinfo),
    hardwareThreads: processors.length,
    usableThreads: availableParallelism(),
    limits: cgroupLimits(read),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
  };
}

/**
 * What `engine.threads=null` stands for: as many as may run at once. A container with two processors' worth of time on a
 * machine with 64 gets two: more would wait for one another.
 */
export function defaultThreads(read: ReadText = readText, usableThreads = availableParallelism()): number {
  const { processors } = cgroupLimits(read);
  const most = Math.min(usableThreads, MAX_THREADS);
  return processors === null ? most : Math.max(1, Math.min(most, Math.floor(processors)));
}

/** What an engine that has threads takes of `engine.threads`: of a job among others, the share that its launcher gives it. */
export function threadsOf(wanted: number | null | undefined): number {
  return Math.min(wanted ?? shareOfThreads() ?? defaultThreads(), MAX_THREADS);
}

/** Undefined where no launcher says. */
function shareOfThreads(): number | undefined {
  const text = process.env[THREADS_VARIABLE] ?? '';
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;
}
