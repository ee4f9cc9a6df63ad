import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockRun } from '../../run';
import { listRuns } from './list-runs';
import { makeRun, makeSweep } from './made-run.fixture';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-list-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const at = (name: string): string => join(cwd, 'outputs/2026-01-02', name);
const list = async (...runs: string[]) => listRuns({ cwd, runs });

test('how runs are doing, told from their files', async () => {
  makeRun(at('a-finished'));
  makeRun(at('b-stopped'), { ended: { status: 'stopped', seconds: 5 }, numEpochs: 9 });
  makeRun(at('c-killed'), { ended: null, numEpochs: 9, log: [{ step: 45, epoch: 4, lr: 1 }] });
  makeRun(at('d-failed'), { ended: null, numEpochs: 9, ari: [] });
  const line = (level: string, message: string): string => `${JSON.stringify({ level, message })}\n`;
  writeFileSync(join(at('d-failed'), 'train.log.jsonl'), line('info', 'Run') + line('error', 'The disk is full.'));
  makeRun(at('e-running'), { ended: null, numEpochs: 9 });
  const lock = await lockRun(at('e-running'), () => undefined);
  const { runs } = await list();
  lock.release();
  expect(runs.map(({ label, state, epochs, numEpochs }) => [label, state, epochs, numEpochs])).toEqual([
    ['a-finished', 'finished', 2, 2],
    ['b-stopped', 'stopped', 2, 9],
    ['c-killed', 'killed', 4, 9],
    ['d-failed', 'failed', 0, 9],
    ['e-running', 'running', 2, 9],
  ]);
  expect(runs[3]).toMatchObject({ problem: 'The disk is full.', metrics: {}, seconds: null });
  expect((await list()).runs[4]!.state).toBe('killed');
});

test('the newest first, with head metrics and what differs', async () => {
  makeSweep(join(cwd, 'multirun/2026-01-02/grid'));
  makeRun(at('new'), { started: '2026-02-01T00:00:00.000Z', config: { model: { backbone: { embed_dim: 32 } } } });
  const { runs, metrics, keys } = await list();
  expect(runs.map(({ label }) => label)).toEqual(['new', ...[0, 1, 2, 3, 4, 5].map((i) => `grid/00${i}`)]);
  expect(metrics.map(({ name, better }) => [name, better])).toEqual([
    ['test/ari', 'higher'],
    ['l_global/val', 'lower'],
  ]);
  expect(runs[2]!.metrics).toEqual({ 'test/ari': 0.9, 'l_global/val': 4 });
  expect(runs[2]!.differs).toEqual({ 'model.backbone.embed_dim': 64, 'data.train.seed': 0 });
  expect(runs[0]!.differs).toEqual({ 'model.backbone.embed_dim': 32 });
  expect(keys).toEqual([
    { key: 'model.backbone.embed_dim', label: 'embed_dim' },
    { key: 'data.train.seed', label: 'seed' },
  ]);
});

test('tags and notes of the config and of notes.json', async () => {
  const run = makeRun(at('a'), { config: { logging: { name: 'x', tags: ['old'], notes: 'first' } } });
  writeFileSync(join(run, 'notes.json'), '{"tags": ["new", "old"], "note": "second"}');
  expect((await list()).runs[0]).toMatchObject({ name: 'x', tags: ['old', 'new'], notes: ['first', 'second'] });
});

test('a damaged run is named, and the others are listed', async () => {
  makeRun(at('good'));
  writeFileSync(join(makeRun(at('bad-config')), 'config.yaml'), 'a: [');
  writeFileSync(join(makeRun(at('bad-environment')), 'environment.json'), '{}');
  writeFileSync(join(makeRun(at('bad-notes')), 'notes.json'), '[]');
  rmSync(join(makeRun(at('pipe')), 'environment.json'));
  execFileSync('mkfifo', [join(at('pipe'), 'environment.json')]);
  mkdirSync(join(makeRun(at('locked-by-a-folder')), '.lock'));
  const { runs, broken } = await list();
  expect(runs.map(({ label }) => label)).toEqual(['good', 'locked-by-a-folder']);
  expect(broken.map(({ folder }) => folder)).toEqual(['bad-config', 'bad-environment', 'bad-notes', 'pipe'].map(at));
  expect(broken.map(({ problem }) => problem).join('\n')).toMatch(/environment\.json is damaged[\s\S]*It is no file/);
  await expect(list(at('bad-notes'))).rejects.toThrow(/The run cannot be read.*notes\.json is damaged/);
});
