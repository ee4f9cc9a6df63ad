import type { Diagnosis } from '../engine/doctor';
import { describeDiagnosis } from './describe-diagnosis';

const diagnosis: Diagnosis = {
  osc: '1.2.3',
  node: { version: '18.0.0', needs: '>=20.19.0', isNewEnough: false },
  machine: {
    processor: 'Some CPU',
    platform: 'linux',
    architecture: 'x64',
    instructionSet: 'AVX2',
    cores: 32,
    hardwareThreads: 64,
    usableThreads: 8,
    limits: { processors: 1.5, memoryBytes: 4 * 2 ** 30 },
    memoryBytes: 64 * 2 ** 30,
    freeMemoryBytes: 2 ** 30,
  },
  threads: 1,
  engines: [
    {
      name: 'gpu',
      summary: 'Runs on a GPU',
      usable: true,
      needs: 'a driver',
      found: 'a CPU only',
      improve: null,
      notForAuto: 'there is no GPU',
    },
    {
      name: 'native',
      summary: 'Fast',
      usable: false,
      needs: 'a compiler',
      found: 'no binary',
      improve: 'Run this.',
      notForAuto: null,
    },
    {
      name: 'slow',
      summary: 'Slow',
      usable: true,
      needs: null,
      found: 'all',
      improve: 'Use a newer Node.',
      notForAuto: null,
    },
  ],
  auto: { engine: 'slow', why: 'the fastest that is usable here (native: no binary)' },
  problems: ['Node 18.0.0 is too old.'],
};

test('for people', () => {
  expect(describeDiagnosis(diagnosis, 80)).toBe(
    `
osc           1.2.3
Node          18.0.0, too old: >=20.19.0 is needed
Processor     Some CPU, x64, linux
Instructions  AVX2
Cores         32 cores, 64 hardware threads, 8 for this process, limited to the time of 1.5 processors
Threads       1 for engines that have several; engine.threads=N changes it
Memory        64.0 GiB, 1.0 GiB of it free, limited to 4.0 GiB

ENGINE  USABLE
gpu     yes     what         Runs on a GPU
                needs        a driver
                found        a CPU only
                not by auto  there is no GPU
native  no      what         Fast
                needs        a compiler
                found        no binary
                to get it    Run this.
slow    yes     what         Slow
                needs        nothing but Node
                found        all
                faster       Use a newer Node.

engine.name=auto takes slow: the fastest that is usable here (native: no binary).
PROBLEM  Node 18.0.0 is too old.
`.trim(),
  );
});

test('what cannot be told is said', () => {
  const machine = { ...diagnosis.machine, cores: null, instructionSet: null, hardwareThreads: 1, usableThreads: 1 };
  const text = describeDiagnosis({
    ...diagnosis,
    machine: { ...machine, limits: { processors: null, memoryBytes: null } },
  });
  expect(text).toContain('Instructions  cannot be told here');
  expect(text).toContain('Cores         1 hardware thread\n');
  expect(text).toContain('no limit for this process');
});
