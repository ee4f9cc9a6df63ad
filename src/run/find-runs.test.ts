import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findOneRun, findRuns } from './find-runs';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-find-runs-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const makeRun = (path: string): string => {
  const run = join(cwd, path);
  mkdirSync(join(run, 'checkpoints/epoch-0001_step-00000001'), { recursive: true });
  for (const file of ['config.yaml', 'overrides.yaml']) writeFileSync(join(run, file), '');
  return run;
};
const makeSweep = (path: string, runs: number): void => {
  for (let i = 0; i < runs; i++) makeRun(`${path}/00${i}`);
  writeFileSync(join(cwd, path, 'sweep.yaml'), '');
};
const find = (...given: string[]): string[] => findRuns(cwd, given, 'osc runs list').map((run) => relative(cwd, run));

test('all of outputs and multirun, all below a folder, and each once', () => {
  makeRun('outputs/2026-01-02/03-00-00_a');
  makeSweep('multirun/2026-01-02/04-00-00_grid', 2);
  const sweep = ['multirun/2026-01-02/04-00-00_grid/000', 'multirun/2026-01-02/04-00-00_grid/001'];
  expect(find()).toEqual(['outputs/2026-01-02/03-00-00_a', ...sweep]);
  expect(find('.')).toEqual([...sweep, 'outputs/2026-01-02/03-00-00_a']);
  expect(find('multirun', sweep[1]!)).toEqual(sweep);
});

test('by names: with and without the time, of a sweep, of a run of a sweep, latest', () => {
  makeRun('outputs/2026-01-02/03-00-00_a');
  makeRun('outputs/2026-01-03/03-00-00_a');
  makeSweep('multirun/2026-01-02/04-00-00_grid', 2);
  expect(find('a')).toEqual(['outputs/2026-01-03/03-00-00_a']);
  expect(find('03-00-00_a')).toEqual(['outputs/2026-01-03/03-00-00_a']);
  expect(find('grid')).toHaveLength(2);
  expect(find('grid/001', '04-00-00_grid/000')).toEqual([
    'multirun/2026-01-02/04-00-00_grid/001',
    'multirun/2026-01-02/04-00-00_grid/000',
  ]);
  expect(find('latest')).toEqual(['outputs/2026-01-03/03-00-00_a']);
  expect(find('outputs/2026-01-02/03-00-00_a/checkpoints/epoch-0001_step-00000001')).toEqual([
    'outputs/2026-01-02/03-00-00_a',
  ]);
});

test('a config of the project is no run, and links are not followed', () => {
  makeRun('outputs/2026-01-02/03-00-00_a');
  writeFileSync(join(cwd, 'config.yaml'), '');
  symlinkSync(cwd, join(cwd, 'outputs/loop'));
  expect(find('.')).toEqual(['outputs/2026-01-02/03-00-00_a']);
  expect(find('outputs')).toEqual(['outputs/2026-01-02/03-00-00_a']);
});

test('what is not there, and a folder without runs', () => {
  expect(() => find()).toThrow(/There is no run under .*outputs or .*multirun/);
  makeRun('outputs/2026-01-02/03-00-00_brave-dune');
  mkdirSync(join(cwd, 'empty'));
  writeFileSync(join(cwd, 'file'), '');
  expect(() => find('empty')).toThrow('There is no run in empty. A run is a folder with a config.yaml');
  expect(() => find('file')).toThrow('file is a file');
  expect(() => find('brave-done')).toThrow('There is no run, sweep or folder brave-done. Did you mean brave-dune?');
  expect(() => find('')).toThrow('The name of a run is empty.');
  makeSweep('multirun/2026-01-02/04-00-00_new', 1);
  rmSync(join(cwd, 'multirun/2026-01-02/04-00-00_new/000'), { recursive: true });
  expect(() => find('multirun/2026-01-02/04-00-00_new')).toThrow(/The sweep .* has no run yet/);
});

test('one run is asked for', () => {
  makeSweep('multirun/2026-01-02/04-00-00_grid', 2);
  expect(() => findOneRun(cwd, 'multirun/2026-01-02/04-00-00_grid', 'osc runs tag')).toThrow(
    'multirun/2026-01-02/04-00-00_grid is a sweep of 2 runs; one is asked for.',
  );
  expect(relative(cwd, findOneRun(cwd, 'grid/001', 'osc runs tag'))).toBe('multirun/2026-01-02/04-00-00_grid/001');
});
