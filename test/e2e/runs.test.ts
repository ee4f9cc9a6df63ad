/** `osc runs …` on runs made by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRun, makeSweep } from '../../src/jobs/runs/made-run.fixture';
import { runCli, runJson } from './run-cli';
import { workingDirectory } from './training';

const place = workingDirectory();
beforeAll(() => {
  makeSweep(join(place.cwd, 'multirun/2026-01-02/03-00-00_grid'));
  makeRun(join(place.cwd, 'outputs/2026-01-02/04-00-00_brave-dune'));
});

test('list shows all of them; a tag and a note are shown', async () => {
  await runCli(['runs', 'tag', 'brave-dune', 'good'], place);
  await runCli(['runs', 'note', 'brave-dune', 'see the paper'], place);
  const { stdout, code } = await runCli(['runs', 'list'], place);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^03-00-00_grid\/003 +finished .* 0\.5000 .* embed_dim=64, seed=1$/m);
  expect(stdout).toMatch(/^04-00-00_brave-dune .* tags: good; note: see the paper$/m);
});

test('compare groups seeds, with or without keys, as a document and as CSV; draws a plot', async () => {
  const { rows } = await runJson<{ rows: { n: number }[] }>(
    ['runs', 'compare', 'grid', '--group-by', '--sort', 'ARI:best'],
    place,
  );
  expect(rows).toMatchObject([{ n: 3, settings: [64] }, { n: 3, settings: [32] }]); // prettier-ignore
  const csv = await runCli(
    ['runs', 'compare', 'grid', '--group-by', 'embed_dim', '--csv', '--values', 'last', '--plot', 'test/ari'],
    place,
  );
  expect(csv.stdout).toMatch(/^run,state,n,model\.backbone\.embed_dim,.*\n"000, 002, 004",3 finished,3,32,0\.5,/);
  expect(csv.stderr).toContain('Plot of 2 curves: test-ari.png');
  expect(readFileSync(join(place.cwd, 'test-ari.png')).subarray(1, 4).toString()).toBe('PNG');
});

test('diff tells keys with their origin; prune removes nothing unasked', async () => {
  const { stdout } = await runCli(['runs', 'diff', 'grid/000', 'grid/001'], place);
  expect(stdout).toMatch(
    /^model\.backbone\.embed_dim +32 +64 +A: model\.backbone\.embed_dim=32; B: model\.backbone\.embed_dim=64$/m,
  );
  expect(stdout).toMatch(/^test\/ari ↑ +0\.2000 +0\.9000 +\+0\.7000 /m);
  const dry = await runJson<object>(['runs', 'prune', '--dry-run'], place);
  expect(dry).toMatchObject({ done: false, checkpoints: 0, lookedAt: 7 });
});
