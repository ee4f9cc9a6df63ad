/** Plots that an evaluator asks for: files of the run, and of `osc evaluate`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, runJson } from './run-cli';
import { TINY, workingDirectory } from './training';

const place = workingDirectory();
const run = join(place.cwd, 'run');
const PLOTS = ['vqa-loss', 'vqa-precision-recall', 'vqa-roc'];
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
const isPng = (path: string): boolean => existsSync(path) && readFileSync(path).subarray(0, 4).equals(PNG);

const ARGS = [
  ...TINY.filter((arg) => !arg.startsWith('data.num_test')),
  'data.num_test=16',
  'data.test.evaluators=[{name: vqa, num_epochs: 150}]',
  'data.viz.max_samples=0',
  'training.num_epochs=1',
];

test('osc train draws them into figures/, osc evaluate beside its file', async () => {
  const trained = await runJson<{ figures: string[] }>(['train', ...ARGS, '--run-dir', run], place);
  expect(trained.figures).toEqual(PLOTS.map((name) => join(run, `figures/${name}-epoch-0001.png`)));
  expect(trained.figures.every(isPng)).toBe(true);

  const evaluated = await runJson<{ figures: string[]; file: string }>(['evaluate', 'run'], place);
  expect(evaluated.figures).toEqual(PLOTS.map((name) => evaluated.file.replace('.json', `_${name}.png`)));
  expect(evaluated.figures.every(isPng)).toBe(true);
  // the same weights and images
  evaluated.figures.forEach((path, i) => {
    expect(readFileSync(path).equals(readFileSync(trained.figures[i]!))).toBe(true);
  });

  const { stdout } = await runCli(['evaluate', 'run'], place);
  expect(stdout).toMatch(/Figure +run\/evaluations\/evaluate-\S+_vqa-roc\.png/);
});

test('osc evaluate measures slots as the data set is varied, with a plot', async () => {
  const { metrics, figures } = await runJson<{ metrics: Record<string, number>; figures: string[] }>(
    [
      ...['evaluate', 'run', 'data.test.evaluators=[robustness]'],
      ...['data.test.robustness.variations=[light]', 'data.test.robustness.num_samples=4'],
    ],
    place,
  );
  const levels = ['as_is', 'light/0.25', 'light/0.5', 'light/1'];
  const sources = ['', 'untrained/', 'blind/grid/', 'blind/colours/', 'ceiling/'];
  const names = levels.flatMap((level) =>
    sources.flatMap((source) => ['ari', 'fg_ari', 'mbo'].map((score) => `robustness/${level}/${source}${score}`)),
  );
  expect(Object.keys(metrics)).toEqual(names);
  // the light is another one, not the scenes: all but equal to those of the data set, but not quite
  expect(metrics['robustness/light/1/mbo']).not.toBe(metrics['robustness/as_is/mbo']);
  expect(figures.map((path) => path.replace(/.*_/, ''))).toEqual([
    ...['robustness-light-ari.png', 'robustness-light-mbo.png'],
  ]);
  expect(figures.every(isPng)).toBe(true);
  const { code, stderr } = await runCli(
    ['evaluate', 'run', 'data.test.evaluators=[{name: robustness, variations: [wind]}]'],
    place,
  );
  expect(code).toBe(2);
  expect(stderr).toContain('cannot vary wind: the data set offers objects, pairs, occlusion');
});
