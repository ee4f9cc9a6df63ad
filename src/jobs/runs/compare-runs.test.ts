import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { compareRuns, type CompareRunsInput } from './compare-runs';
import { formatComparison } from './format-comparison';
import { makeRun, makeSweep } from './made-run.fixture';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-compare-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const sweep = (): string => makeSweep(join(cwd, 'multirun/2026-01-02/grid'));
const compare = (input: CompareRunsInput = {}) => compareRuns({ cwd, ...input });
const lasts = ({ rows }: Awaited<ReturnType<typeof compareRuns>>, metric = 'test/ari') =>
  rows.map(({ label, metrics }) => [label, metrics[metric]!.last?.mean]);

test('a row for each run: what differs, first, last and best', async () => {
  sweep();
  const comparison = await compare();
  expect(comparison.columns.map(({ label }) => label)).toEqual(['embed_dim', 'seed']);
  expect(comparison.rows[1]).toMatchObject({
    label: '001',
    n: 1,
    settings: [64, 0],
    metrics: {
      'test/ari': {
        first: { mean: 0.1, deviation: null, n: 1 },
        last: { mean: 0.9 },
        best: { mean: 0.9 },
        bestEpochs: 2,
      },
      'l_global/val': { first: { mean: 5 }, last: { mean: 4 }, best: { mean: 4 } },
    },
  });
  expect(comparison).toMatchObject({ grouped: false, experiments: 2, leftOut: 0, broken: [], plot: null });
});

test('over seeds: mean, sample deviation, n; unfinished runs do not count', async () => {
  const folder = sweep();
  const { rows, columns } = await compare({ groupBy: 'seeds' });
  expect(columns.map(({ key }) => key)).toEqual(['model.backbone.embed_dim']);
  expect(rows.map(({ label, n, settings }) => [label, n, settings])).toEqual([
    ['000, 002, 004', 3, [32]],
    ['001, 003, 005', 3, [64]],
  ]);
  const { mean, deviation, n } = rows[1]!.metrics['test/ari']!.last!;
  expect([mean, deviation, n]).toEqual([expect.closeTo(0.7, 12), expect.closeTo(0.2, 12), 3]);
  makeRun(join(folder, '006'), { config: { model: { backbone: { embed_dim: 64 } } }, ari: [0.3], numEpochs: 9 });
  const [, grown] = (await compare({ groupBy: ['embed_dim'] })).rows;
  expect([grown!.n, grown!.runs.length, grown!.metrics['test/ari']!.last!.n]).toEqual([3, 4, 3]);
  const counted = await compare({ groupBy: ['model.backbone.embed_dim'], unfinished: true });
  expect(counted.rows[1]!.metrics['test/ari']!.last).toMatchObject({ mean: expect.closeTo(0.6, 12), n: 4 });
});

test('the best rows first, and so many', async () => {
  sweep();
  expect(lasts(await compare({ sort: 'ari', top: 3 }))).toEqual([['001', 0.9], ['004', 0.9], ['005', 0.7]]); // prettier-ignore
  expect((await compare({ sort: 'ari', top: 3 })).leftOut).toBe(3);
  makeRun(join(cwd, 'outputs/none'), { ari: [], epochs: 3 });
  const sorted = await compare({ sort: 'l_global/val:first', metrics: ['ari'] });
  expect(sorted.metrics.map(({ name }) => name)).toEqual(['l_global/val', 'test/ari']);
  expect(lasts(await compare({ sort: 'ari' })).at(-1)).toEqual(['none', undefined]);
  await expect(compare({ top: 3 })).rejects.toThrow('--top needs --sort');
});

test('a component that is not there, and the options of one that is, are one difference', async () => {
  const at = (name: string): string => join(cwd, 'outputs', name);
  const losses = (l_objects: unknown) => ({ config: { losses: { l_objects } } });
  makeRun(at('a'), losses(null));
  makeRun(at('b'), losses({ name: 'sim', temp: 0.1 }));
  makeRun(at('c'), losses({ name: 'ctr', temp: 0.1 }));
  const { columns, rows } = await compare();
  expect(columns).toEqual([{ key: 'losses.l_objects.name', label: 'l_objects' }]);
  expect(rows.map(({ settings }) => settings)).toEqual([[null], ['sim'], ['ctr']]);
});

test('where it runs is no difference, unless it was asked for', async () => {
  const made = (threads: number, overrides: string[] = []) => ({
    config: { engine: { threads }, data: { root: `/data/${threads}` }, logging: { name: `${threads}` } },
    overrides,
  });
  const runs = [1, 2].map((threads) => makeRun(join(cwd, 'outputs', `a${threads}`), made(threads)));
  expect((await compare({ runs })).columns).toEqual([]);
  const asked = [1, 2].map((n) => makeRun(join(cwd, 'outputs', `b${n}`), made(n, [`engine.threads=${n}`])));
  expect((await compare({ runs: asked })).columns.map(({ label }) => label)).toEqual(['threads']);
});

test('what is not there is told with near names', async () => {
  sweep();
  await expect(compare({ metrics: ['test/arj'] })).rejects.toThrow(
    'No run here has a metric test/arj. Did you mean test/ari?',
  );
  await expect(compare({ sort: 'nonsense' })).rejects.toThrow(/There are .*l_global\/val/);
  await expect(compare({ groupBy: ['embed_din'] })).rejects.toThrow(/a key embed_din .* Did you mean embed_dim/);
  await expect(compare({ groupBy: ['seed'] })).rejects.toThrow(/one of several.*data\.train\.seed, other\.seed/);
});

test('a damaged run is named and left out', async () => {
  const folder = sweep();
  writeFileSync(join(folder, '003/evaluations/epoch-0001.json'), '{');
  const { rows, broken } = await compare();
  expect(rows).toHaveLength(5);
  expect(broken).toEqual([
    { folder: join(folder, '003'), problem: expect.stringContaining('epoch-0001.json cannot be read') },
  ]);
});

test('curves, seeds as a band; of losses, tests and what was logged', async () => {
  const folder = sweep();
  makeRun(join(folder, '007'), { log: [{ step: 0, epoch: 0, lr: 1 }, { step: 9, epoch: 0, lr: 2 }] }); // prettier-ignore
  const output = join(cwd, 'plots/ari.png');
  const { plot } = await compare({
    plot: { metric: 'ARI', output },
    runs: [0, 1, 2, 3].map((i) => join(folder, `00${i}`)),
  });
  expect(plot).toEqual({ file: output, curves: 2, leftOut: 0 });
  const { data, info } = await sharp(output).raw().toBuffer({ resolveWithObject: true });
  const colors = new Set(
    Array.from({ length: info.width * info.height }, (_, i) => [...data.subarray(3 * i, 3 * i + 3)].join()),
  );
  // the pale blue of a band on white, and its line
  expect(colors.has([199, 222, 235].join())).toBe(true);
  expect(colors.has([0, 103, 165].join())).toBe(true);
  for (const metric of ['l_global/train', 'lr']) await compare({ plot: { metric, output: join(cwd, 'x.png') } });
  expect(existsSync(join(cwd, 'x.png'))).toBe(true);
  await expect(compare({ plot: { metric: 'ARI', output: 'notes.md' } })).rejects.toThrow(/should end in \.png/);
});

describe('formats', () => {
  /** A run whose name, setting and metric have all that a format obeys. */
  async function hostile() {
    const config = (value: string) => ({ model: { backbone: { embed_dim: value } } });
    makeRun(join(cwd, 'outputs/a&b_|"c", 50%'), { config: config('=1+1'), ari: [0.25, 1 / 3] });
    makeRun(join(cwd, 'outputs/[d]\\e'), { config: config('x\ny'), ari: [0.5, 0.00001234] });
    return compare({ metrics: ['ARI'] });
  }

  test('CSV', async () => {
    const text = formatComparison(await hostile(), 'csv');
    expect(text).toBe(
      'run,state,model.backbone.embed_dim,test/ari:first,test/ari:last,test/ari:best,test/ari:best:epochs\n' +
        '[d]\\e,finished,"x\ny",0.5,0.00001234,0.5,1\n' +
        '"a&b_|""c"", 50%",finished,\'=1+1,0.25,0.3333333333333333,0.3333333333333333,2',
    );
  });

  test('Markdown', async () => {
    expect(formatComparison(await hostile(), 'markdown', { values: ['last'] }).split('\n')).toEqual([
      '| run | embed\\_dim | ARI ↑ last |',
      '| --- | --- | ---: |',
      '| \\[d\\]\\\\e | x y | 0.00001234 |',
      '| a\\&b\\_\\|"c", 50% | =1+1 | 0.3333 |',
    ]);
  });

  test('LaTeX', async () => {
    expect(formatComparison(await hostile(), 'latex', { values: ['last'] }).split('\n')).toEqual([
      '% \\usepackage{booktabs}',
      '\\begin{tabular}{llr}',
      '\\toprule',
      'run & embed\\_dim & ARI $\\uparrow$ last \\\\',
      '\\midrule',
      '{[}d]\\textbackslash{}e & x y & 0.00001234 \\\\',
      'a\\&b\\_\\textbar{}\\textquotedbl{}c\\textquotedbl{}, 50\\% & =1+1 & 0.3333 \\\\',
      '\\bottomrule',
      '\\end{tabular}',
    ]);
  });

  test('groups', async () => {
    sweep();
    const comparison = await compare({ groupBy: 'seeds', metrics: ['ARI'] });
    const [header, first] = formatComparison(comparison, 'csv', { values: ['last'] }).split('\n');
    expect(header).toBe('run,state,n,model.backbone.embed_dim,test/ari:last,test/ari:last:std,test/ari:last:n');
    expect(first).toMatch(/^"000, 002, 004",3 finished,3,32,0\.5,0\.360555127546398\d*,3$/);
    expect(formatComparison(comparison, 'latex', { values: ['last'] })).toContain('0.5000 $\\pm$ 0.3606');
  });
});
