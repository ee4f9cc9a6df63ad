/** Losses of a third party: further keys, parameters of their own, metrics and masks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors } from 'osc-trainer/sdk';
import { createPluginProject, type PluginProject } from './plugin-project';
import { runCli, runJson, startCli } from './run-cli';
import { checkpointsOf, resultOf, TINY, waitForSteps, workingDirectory } from './training';

interface Trained {
  readonly runDir: string;
  readonly losses: Readonly<Record<string, { readonly first: number; readonly last: number }>>;
  readonly evaluations: Readonly<Record<string, { readonly last: number }>>;
}

const ARGS = [
  'train',
  ...TINY,
  ...['training.num_epochs=6', 'training.checkpoint_steps=5', 'data.viz.max_samples=0'],
  ...['--plugin', 'losses.l_reg=variance_covariance', '--plugin', 'painted_slots', 'losses.l_reg.weight=0.1'],
];

let project: PluginProject;
let env: Record<string, string | undefined>;
let whole: Trained;

const lossesOf = (runDir: string) => {
  const file = join(checkpointsOf(runDir)[0]!, 'losses.safetensors');
  return { bytes: readFileSync(file), tensors: decodeSafetensors(readFileSync(file), file) };
};

beforeAll(async () => {
  project = createPluginProject();
  project.install(['osc-plugin-open-losses']);
  project.enable(['osc-plugin-open-losses']);
  ({ env } = workingDirectory());
  whole = await runJson<Trained>(ARGS, { cwd: project.dir, env });
}, 120_000);
afterAll(() => project.remove());

test('are trained beside the others, each under its key, with metrics of their own', () => {
  expect(Object.keys(whole.losses).sort()).toEqual(
    ['l_global', 'l_objects', 'l_recon', 'l_reg'].flatMap((key) => [`${key}/train`, `${key}/val`]),
  );
  const { first, last } = whole.losses['l_recon/train']!;
  expect(last).toBeLessThan(first);
  const metrics = readFileSync(join(whole.runDir, 'metrics.jsonl'), 'utf8');
  expect(metrics).toContain('"l_reg/variance/train":');
  expect(metrics).toContain('"l_reg/variance/val":');
});

test('have parameters in the table and in checkpoints, and not in an export', async () => {
  const { tensors } = lossesOf(whole.runDir);
  expect([...tensors.keys()].sort()).toEqual([
    'losses.l_recon.colour',
    'losses.l_recon.where',
    'losses.l_reg.expander.fc1.bias',
    'losses.l_reg.expander.fc1.weight',
    'losses.l_reg.expander.fc2.bias',
    'losses.l_reg.expander.fc2.weight',
  ]);
  expect(readFileSync(join(whole.runDir, 'train.log'), 'utf8')).toMatch(/losses\.l_reg\s+264\n/);
  const file = join(project.dir, 'weights.safetensors');
  await runJson(['export', whole.runDir, '--format', 'safetensors', '--output', file], { cwd: project.dir, env });
  const exported = [...decodeSafetensors(readFileSync(file), file).keys()];
  expect(exported.length).toBeGreaterThan(20);
  expect(exported.filter((name) => name.startsWith('losses'))).toEqual([]);
});

test('killed and resumed: the same bytes, those of the losses too', async () => {
  const runDir = join(project.dir, 'killed');
  const { child, done } = startCli([...ARGS, '--run-dir', runDir], { cwd: project.dir, env });
  await waitForSteps(runDir, 21, done);
  child.kill('SIGKILL');
  expect((await done).signal).toBe('SIGKILL');
  expect(await runCli(['train', '--resume', runDir], { cwd: project.dir, env })).toMatchObject({ code: 0 });
  expect(resultOf(runDir)).toEqual(resultOf(whole.runDir));
  expect(lossesOf(runDir).bytes).toEqual(lossesOf(whole.runDir).bytes);
});

test('offer masks: measured while training, and with what was learned afterwards', async () => {
  const ofMasks = Object.keys(whole.evaluations).filter((name) => name.startsWith('test/l_recon/'));
  expect(ofMasks).toContain('test/l_recon/iou/by_img_no_bg');
  const { metrics } = await runJson<{ metrics: Record<string, number> }>(['evaluate', whole.runDir], {
    cwd: project.dir,
    env,
  });
  for (const name of ofMasks) expect(metrics[name]).toBe(whole.evaluations[name]!.last);
});

test('are chosen by a key: one without a default key says how', async () => {
  const { code, stderr } = await runCli(['train', ...TINY, '--plugin', 'variance_covariance'], {
    cwd: project.dir,
    env,
  });
  expect(code).toBe(2);
  expect(stderr).toContain('losses.KEY=variance_covariance');
});
