import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endSession, readEnvironment, writeEnvironment, type RunEnvironment } from './environment';

const environment: RunEnvironment = {
  versions: { osc: '1' },
  engine: { name: 'cpu', device: 'a CPU', threads: 1 },
  seeds: { other: 1 },
  plugins: [],
  command: ['train'],
  initFrom: null,
};

let runDir: string;
let file: string;
beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'osc-environment-'));
  file = join(runDir, 'environment.json');
});
afterEach(() => {
  rmSync(runDir, { recursive: true });
});

test('a resumed run adds a session to those before', async () => {
  await writeEnvironment(runDir, runDir, environment);
  await writeEnvironment(runDir, runDir, { ...environment, command: ['train', '--resume'] });
  const { sessions } = JSON.parse(readFileSync(file, 'utf8')) as { sessions: RunEnvironment[] };
  expect(sessions.map(({ command }) => command)).toEqual([['train'], ['train', '--resume']]);
  expect(sessions[0]).toMatchObject({ versions: { node: process.version, osc: '1' }, git: null });
});

test.each([
  ['{"sessions": [', 'cannot be read'],
  ['[]', 'is damaged'],
])('a damaged file (%s) is named, and kept', async (text, what) => {
  writeFileSync(file, text);
  await expect(writeEnvironment(runDir, runDir, environment)).rejects.toMatchObject({
    name: 'UsageError',
    what: `The file ${file} ${what}.`,
  });
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('is read back, with how the last session ended', async () => {
  await writeEnvironment(runDir, runDir, environment);
  await writeEnvironment(runDir, runDir, { ...environment, command: ['train', '--resume'] });
  await endSession(runDir, { status: 'finished', seconds: 1.5 });
  const sessions = readEnvironment(runDir);
  expect(sessions.map(({ ended }) => ended)).toEqual([null, { status: 'finished', seconds: 1.5 }]);
  expect(sessions[1]).toMatchObject({ command: ['train', '--resume'], engine: environment.engine, initFrom: null });
});

test('a session of an earlier version of osc lacks what came later', () => {
  const { versions, engine, plugins, command } = environment;
  const machine = { platform: 'linux-x64', cpu: 'a CPU', cores: 1, memoryBytes: 1 };
  const session = { started: '2026-01-01T00:00:00Z', versions, engine, plugins, command, machine, pid: 1 };
  writeFileSync(file, JSON.stringify({ sessions: [session] }));
  expect(readEnvironment(runDir)[0]).toMatchObject({ initFrom: null, git: null, oscGit: null, ended: null });
});

test.each([
  ['no session', { sessions: [] }],
  ['a session without an engine', { sessions: [{ started: '' }] }],
  ['no sessions', {}],
])('%s is damage', (_, content) => {
  writeFileSync(file, JSON.stringify(content));
  expect(() => readEnvironment(runDir)).toThrow(`The file ${file} is damaged.`);
});
