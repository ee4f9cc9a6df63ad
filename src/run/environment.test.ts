import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEnvironment, type RunEnvironment } from './environment';

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
