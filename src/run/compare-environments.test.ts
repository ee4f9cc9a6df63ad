import { compareEnvironments } from './compare-environments';
import type { RunSession } from './environment';

const session = (change: Partial<RunSession> = {}): RunSession => ({
  started: '2026-01-02T03:04:05.000Z',
  versions: { node: 'v20', osc: '1', tfjs: '4' },
  engine: { name: 'native', threads: 2, device: 'CPU, AVX2' },
  plugins: [{ name: 'osc-plugin-x', version: '1.0.0' }],
  command: ['train'],
  initFrom: null,
  git: null,
  oscGit: { commit: 'a'.repeat(40), dirty: false },
  machine: { platform: 'linux-x64', cpu: 'a CPU', cores: 2, memoryBytes: 1 },
  ended: null,
  ...change,
});

test('when, by which command and with how many threads is not told', () => {
  const later = session({ started: '2027', command: [], engine: { name: 'native', threads: 9, device: 'CPU, AVX2' } });
  expect(compareEnvironments([session()], [later])).toEqual([]);
});

test('versions, commits, engine, instruction set, plugins', () => {
  const other = session({
    versions: { node: 'v22', osc: '1', tfjs: '4' },
    engine: { name: 'native', threads: 2, device: 'CPU, AVX-512' },
    plugins: [{ name: 'osc-plugin-y', version: '2.0.0' }],
    git: { commit: 'c0ffee', dirty: false },
    oscGit: { commit: 'a'.repeat(40), dirty: true },
  });
  expect(compareEnvironments([session()], [other])).toEqual([
    { what: 'Node', original: 'v20', replay: 'v22' },
    { what: 'commit of osc', original: 'aaaaaaaaaaaa', replay: 'aaaaaaaaaaaa with changes' },
    { what: 'device', original: 'CPU, AVX2', replay: 'CPU, AVX-512' },
    { what: 'plugin osc-plugin-x', original: '1.0.0', replay: '-' },
    { what: 'commit of the project', original: '-', replay: 'c0ffee' },
    { what: 'plugin osc-plugin-y', original: '-', replay: '2.0.0' },
  ]);
});

test('a run of two machines', () => {
  const second = session({ engine: { name: 'wasm', threads: 2, device: 'CPU, AVX2' } });
  expect(compareEnvironments([session(), second, second], [session()])).toEqual([
    { what: 'engine', original: 'native, then wasm', replay: 'native' },
  ]);
});
