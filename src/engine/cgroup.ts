/** What a container or a batch job (Docker, Kubernetes, SLURM) may use: Linux control groups, both versions. */
import { join } from 'node:path';

/** Null: no limit. */
export interface CgroupLimits {
  /** Processors' worth of time, may be a fraction. */
  readonly processors: number | null;
  readonly memoryBytes: number | null;
}

/** Text of a file; undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

const ROOT = '/sys/fs/cgroup';
/** Version 1 writes a number near 2^63 where there is no limit. */
const NO_LIMIT = 2 ** 60;

/** A group and those around it: each of them limits. Inside a container the path seen may not be there; the root is. */
function withParents(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/')).concat('');
}

function least(values: readonly (number | undefined)[]): number | null {
  const limits = values.filter((value) => value !== undefined && value > 0 && value < NO_LIMIT) as number[];
  return limits.length === 0 ? null : Math.min(...limits);
}

const toNumber = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** `QUOTA PERIOD` of version 2, the quota `max` where there is none. */
function quota2(text: string | undefined): number | undefined {
  const [quota, period] = (text ?? '').trim().split(/\s+/).map(Number);
  return quota === undefined || period === undefined ? undefined : quota / period;
}

/** Of this process. Without control groups (macOS, Windows) there is no limit. */
export function cgroupLimits(read: ReadText): CgroupLimits {
  // lines `ID:CONTROLLERS:PATH`; version 2 has the id 0 and no controllers
  const groups = (read('/proc/self/cgroup') ?? '')
    .trim()
    .split('\n')
    .map((line) => /^(\d+):([^:]*):(.*)$/.exec(line))
    .filter((match) => match !== null);
  const pathsOf = (controller: string): string[] =>
    groups
      .filter(([, , controllers]) => controllers!.split(',').includes(controller))
      .flatMap(([, , , path]) => withParents(path!));
  const files = (controller: string, name: string): (string | undefined)[] =>
    pathsOf(controller).map((path) => read(join(ROOT, controller, path, name)));
  const files2 = (name: string): (string | undefined)[] => pathsOf('').map((path) => read(join(ROOT, path, name)));

  const quotas = files('cpu', 'cpu.cfs_quota_us').map(toNumber);
  const periods = files('cpu', 'cpu.cfs_period_us').map(toNumber);
  return {
    processors: least([
      ...files2('cpu.max').map(quota2),
      ...quotas.map((quota, i) => (quota === undefined ? undefined : quota / periods[i]!)), // -1: none
    ]),
    memoryBytes: least([...files2('memory.max'), ...files('memory', 'memory.limit_in_bytes')].map(toNumber)),
  };
}
