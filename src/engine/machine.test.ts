import { cgroupLimits, type ReadText } from './cgroup';
import { coresOf, defaultThreads, instructionSetOf, readMachine, threadsOf } from './machine';

const files =
  (texts: Readonly<Record<string, string>>): ReadText =>
  (path) =>
    texts[path];

describe('instruction set', () => {
  const flags = (names: string): string => `processor\t: 0\nflags\t\t: fpu sse2 ${names}\n\nprocessor\t: 1\n`;

  test.each([
    ['avx2 fma avx512f avx512bw avx512dq avx512vl', 'AVX-512'],
    ['avx2 fma avx512f avx512cd', 'AVX2'], // Xeon Phi has only parts of it
    ['avx2 fma', 'AVX2'],
    ['avx2', 'baseline'],
    ['avx', 'baseline'],
  ])('x64 with %s: %s', (names, expected) => {
    expect(instructionSetOf('x64', flags(names))).toBe(expected);
  });

  test('ARM64 has NEON; without /proc/cpuinfo x64 cannot be told', () => {
    expect(instructionSetOf('arm64', undefined)).toBe('NEON');
    expect(instructionSetOf('x64', undefined)).toBeNull();
    expect(instructionSetOf('riscv64', flags('avx2 fma'))).toBeNull();
  });
});

test('cores are pairs of socket and core, threads of one core count once', () => {
  const processor = (socket: number, core: number): string =>
    `processor : 9\nphysical id : ${socket}\ncore id\t: ${core}\n`;
  const blocks = [processor(0, 0), processor(0, 1), processor(1, 0), processor(0, 0)];
  expect(coresOf(blocks.join('\n'))).toBe(3);
  expect(coresOf('processor : 0\nFeatures : fp asimd\n')).toBeNull();
  expect(coresOf(undefined)).toBeNull();
});

describe('limits', () => {
  test('version 2: the least of the group and those around it', () => {
    const read = files({
      '/proc/self/cgroup': '0::/job/step\n',
      '/sys/fs/cgroup/job/step/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/job/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/job/step/memory.max': '2048\n',
      '/sys/fs/cgroup/job/memory.max': '1024\n',
    });
    expect(cgroupLimits(read)).toEqual({ processors: 1.5, memoryBytes: 1024 });
  });

  test('version 2 in a container: the files lie at the root', () => {
    const read = files({
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/cpu.max': '400000 100000\n',
      '/sys/fs/cgroup/memory.max': 'max\n',
    });
    expect(cgroupLimits(read)).toEqual({ processors: 4, memoryBytes: null });
  });

  test('version 1', () => {
    const read = files({
      '/proc/self/cgroup': '5:cpu,cpuacct:/a\n4:memory:/docker/b\n0::/\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '300000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/a/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      '/sys/fs/cgroup/memory/docker/b/memory.limit_in_bytes': '4096\n',
    });
    expect(cgroupLimits(read)).toEqual({ processors: 3, memoryBytes: 4096 });
  });

  test('none without control groups', () => {
    expect(cgroupLimits(files({}))).toEqual({ processors: null, memoryBytes: null });
  });

  test('threads: what the process may use, and no more than the time it gets', () => {
    const quota = (text: string): ReadText => files({ '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': text });
    expect(defaultThreads(quota('max 100000'), 64)).toBe(64);
    expect(defaultThreads(quota('250000 100000'), 64)).toBe(2);
    expect(defaultThreads(quota('50000 100000'), 64)).toBe(1);
    expect(defaultThreads(quota('800000 100000'), 4)).toBe(4);
    expect(defaultThreads(quota('max 100000'), 384)).toBe(256);
    expect([threadsOf(1), threadsOf(1e9), threadsOf(null)]).toEqual([1, 256, defaultThreads()]);
  });
});

test('this machine', () => {
  const machine = readMachine();
  expect(machine.usableThreads).toBeGreaterThanOrEqual(1);
  expect(machine.hardwareThreads).toBeGreaterThanOrEqual(machine.cores ?? 1);
  expect(machine.memoryBytes).toBeGreaterThan(machine.freeMemoryBytes);
  if (process.platform === 'linux') expect(machine.instructionSet).not.toBeNull();
});
