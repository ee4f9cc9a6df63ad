import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJobs, readSweepFile, writeJobs, writeSweepFile, type SweepRequest } from './sweep-file';
import { checkSweepPath, findSweep, jobFolder, makeSweepFolder, newSweepPath } from './sweep-folder';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-sweeps-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

const REQUEST: SweepRequest = {
  ...{ name: 'on', created: '2026-11-30T08:00:00.000Z', version: '0.1.0', cwd: '/work', command: ['train', '-m'] },
  ...{ overrides: ['a=1,2', "b='x, y'"], plugins: [], packages: [], init_from: null },
  launcher: { name: 'local', options: { jobs: null } },
  sweeper: { name: 'grid', options: {} },
};

const JOBS = [
  { number: 0, name: 'a=1', overrides: ['a=1'], values: [1], attempts: 1, state: 'finished' },
  {
    number: 1,
    name: 'a=[2,{x: null}]',
    overrides: ['a=[2,{x:null}]'],
    values: [[2, { x: null }]],
    attempts: 0,
    state: 'waiting',
  },
] as const;

async function made(name: string, now = new Date(2026, 10, 30, 8, 0, 0)): Promise<string> {
  const folder = makeSweepFolder(newSweepPath(cwd, name, now), false);
  await writeJobs(folder, JOBS);
  await writeSweepFile(folder, REQUEST);
  return folder;
}

test('what is written is read back', async () => {
  const folder = await made('owl');
  expect(readSweepFile(folder)).toEqual(REQUEST);
  expect(readJobs(folder)).toEqual(JOBS);
  const [line] = readFileSync(join(folder, 'jobs.jsonl'), 'utf8').split('\n');
  expect(Object.keys(JSON.parse(line!) as object)).toEqual([
    'number',
    'name',
    'overrides',
    'values',
    'folder',
    'attempts',
    'state',
  ]);
});

test.each([
  ['{"number": 0}', /Line 1: /],
  ['[', /Line 1: /],
  [JSON.stringify({ ...JOBS[0], number: 3 }), /Line 1: It should be job 0, not 3/],
  [JSON.stringify({ ...JOBS[0], state: 'done' }), /Line 1: .*state/s],
])('a line %s of jobs.jsonl is refused with its number', async (line, message) => {
  const folder = await made('owl');
  writeFileSync(join(folder, 'jobs.jsonl'), `${line}\n`);
  expect(() => readJobs(folder)).toThrow(message);
});

test('a sweep.yaml that lacks something is refused by name', async () => {
  const folder = await made('owl');
  writeFileSync(join(folder, 'sweep.yaml'), 'name: x\n');
  expect(() => readSweepFile(folder)).toThrow(/sweep\.yaml is damaged/);
});

test('a sweep is found by its path, its name and as the latest', async () => {
  const older = await made('owl');
  const newer = await made('lynx', new Date(2026, 10, 30, 9, 0, 0));
  for (const given of [older, 'owl', '08-00-00_owl']) expect(findSweep(cwd, given, 'osc')).toBe(older);
  expect(findSweep(cwd, 'latest', 'osc')).toBe(newer);
  expect(() => findSweep(cwd, join(older, '000'), 'osc')).toThrow(/There is no sweep/);
  expect(() => findSweep(cwd, older.slice(0, -4), 'osc')).toThrow(/There is no sweep .* sweep\.yaml/);
});

test('two sweeps of one name in one second have two folders; a folder that is given has to be empty', async () => {
  const first = await made('owl');
  expect(await made('owl')).toBe(`${first}-2`);
  expect(() => checkSweepPath(cwd, first)).toThrow(/is not empty/);
  expect(() => checkSweepPath(cwd, join(first, 'sweep.yaml', 'x'))).toThrow(/is a file; a sweep needs a folder/);
  expect(checkSweepPath(cwd, 'fresh')).toBe(join(cwd, 'fresh'));
});

test('folders of jobs sort up to a thousand', () => {
  expect([0, 7, 123, 1234].map(jobFolder)).toEqual(['000', '007', '123', '1234']);
});
