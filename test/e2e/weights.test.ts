/** Weights in and out: osc evaluate, export, import, train --init-from. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, type SavedTensor } from 'osc-trainer/sdk';
import { runOnnx } from '../onnx/onnx-runtime';
import { createPluginProject, type PluginProject } from './plugin-project';
import { runCli, runJson } from './run-cli';
import { checkpointsOf, TINY, workingDirectory } from './training';

interface Evaluated {
  checkpoint: string;
  file: string;
  step: number;
  metrics: Record<string, number>;
  evaluations: { evaluator: string; options: object; num_objects?: number; data: object }[];
}

const place = workingDirectory();
const run = join(place.cwd, 'run');
const kmeans = join(place.cwd, 'kmeans');
const ARGS = [...TINY, 'training.num_epochs=1', 'data.viz.max_samples=0'];
/** With another value for a key. */
const argsBut = (override: string): string[] => [
  ...ARGS.filter((arg) => arg.split('=')[0] !== override.split('=')[0]),
  override,
];
const evaluate = (...args: string[]): Promise<Evaluated> => runJson<Evaluated>(['evaluate', ...args], place);

/** As a user of safetensors sees a file. */
function weightsOf(file: string): Map<string, SavedTensor> {
  return decodeSafetensors(readFileSync(file), file);
}

beforeAll(async () => {
  await runJson(['train', ...ARGS, '--run-dir', run], place);
  await runJson(['train', ...ARGS, '--plugin', 'kmeans_euclidean', '--run-dir', kmeans], place);
});

describe('osc evaluate', () => {
  test('gives what training measured, with all it was measured with', async () => {
    const evaluated = await evaluate('run');
    const during = JSON.parse(readFileSync(join(run, 'evaluations/epoch-0001.json'), 'utf8')) as Evaluated;
    expect(evaluated.evaluations).toEqual(during.evaluations);
    expect(evaluated).toMatchObject({
      checkpoint: checkpointsOf(run)[0],
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      step: 8,
      epoch: 1,
      overrides: [],
      seed: 1,
      engine: { name: 'native' },
      versions: { tfjs: '4.22.0' },
    });
    const file = JSON.parse(readFileSync(evaluated.file, 'utf8')) as Evaluated;
    expect(file.evaluations).toEqual(evaluated.evaluations);
    expect(evaluated.file.startsWith(join(run, 'evaluations/evaluate-'))).toBe(true);
    expect(await evaluate(checkpointsOf(run)[0]!)).toMatchObject({ metrics: evaluated.metrics });
  });

  test('prints a table and where it is written', async () => {
    const { stdout, code } = await runCli(['evaluate', 'run'], place);
    expect(code).toBe(0);
    expect(stdout).toMatch(/SEGMENTATION +IoU +Dice +ARI .*\nattention, first +0\.\d\d .*\nattention, last +0\.\d\d /);
    expect(stdout).toMatch(/METRIC +VALUE\ntest\/sc +0\.\d{4}\n/);
    expect(stdout).toMatch(/Evaluator +segmentation: attention=first, images_without_objects=skip, baselines=true\n/);
    expect(stdout).toMatch(/Data +scenes, 4 test images\nCheckpoint +run\/checkpoints\/.* \(1 epoch, 8 steps\)\n/);
    expect(stdout).toMatch(/Written to +run\/evaluations\/evaluate-\S+Z(-\d+)?\.json/);
  });

  test('--attention last, and overrides of values and groups', async () => {
    const [first, last] = [await evaluate('run'), await evaluate('run', '--attention', 'last')];
    expect(last.evaluations[0]!.options).toMatchObject({ attention: 'last' });
    expect(last.metrics).not.toEqual(first.metrics);
    const some = await evaluate('run', 'data.test.max_samples=2', 'losses/l_objects=ctr_all', 'engine.name=cpu');
    expect(some.evaluations[0]!.data).toMatchObject({ samples: 2 });
    expect(some).toMatchObject({ engine: { name: 'cpu' }, overrides: expect.arrayContaining(['engine.name=cpu']) });
  });

  test('engine.threads has an effect', async () => {
    expect(await evaluate('run', 'engine.threads=3')).toMatchObject({ engine: { name: 'native', threads: 3 } });
  });

  test('--num-objects: another number of clusters than in training', async () => {
    const [eleven, seven] = [await evaluate('kmeans'), await evaluate('kmeans', '--num-objects', '7')];
    expect(eleven.evaluations[0]).not.toHaveProperty('num_objects');
    expect(seven.evaluations[0]).toMatchObject({ num_objects: 7 });
    expect(seven.metrics).not.toEqual(eleven.metrics);
    // as when the model is built with seven
    expect((await evaluate('kmeans', 'model.obj_queries.num_objects=7')).metrics).toEqual(seven.metrics);
  });

  test.each([
    [['run', '--num-objects', '7'], /Learned queries are 11 tokens and cannot give 7 slots/],
    [['run', '--num-objects', '0'], /--num-objects should be .* or equal to 1, not "0".*osc evaluate --help/s],
    [['run', '--num-objects', '1.5'], /--num-objects should be an integer, not "1.5"/],
    [['run', '--attention', 'middle'], /--attention should be one of first, last, not "middle"/],
    [
      ['run', 'data=clevr10', 'data.root=nowhere', 'data.crop_size=[16,16]'],
      /split files of CLEVR10 are not all there/,
    ],
    [['run', 'data=tetrominoes', 'data.root=nowhere', 'data.crop_size=[16,16]'], /tetrominoes is not there/],
    [['run', 'data.test.evaluators=[segmentation,segmentation]'], /segmentation more than once/],
    [['kmeans', '--num-objects', '17'], /cannot make 17 clusters of 16/],
    [['kmeans', 'model.obj_queries.num_objects=0'], /num_objects/],
    [['run', 'model/obj_fn=cross_attention'], /Missing:\n[^:]*inputs_norm[^:]*Unexpected:\n[^:]*to_q/],
    [['run', 'model.backbone.embed_dim=16'], /Wrong shapes:\n[^:]*\[16\]/],
    [['run', 'data.crop_size=[32,32]'], /Wrong shapes: backbone\.pos_embed\.embed \[16,8\] instead of \[64,8\]/],
    [['run', 'data.crop_size=[15,16]'], /do not divide a crop/],
    [['run', 'data.test.evaluators=[]'], /nothing to measure/i],
    [['run', 'data.test.max_samples=5'], /there are 4/],
    [['nowhere'], /no run or checkpoint nowhere/],
    [['.'], /neither a run nor a checkpoint/],
  ])('%p is refused before work starts', async (args, message) => {
    const { stderr, code } = await runCli(['evaluate', ...args], place);
    expect({ stderr, code }).toMatchObject({ stderr: expect.stringMatching(message), code: 2 });
    expect(stderr).not.toMatch(/Segmentation/);
  });
});

describe('osc export and osc import', () => {
  const file = join(place.cwd, 'weights.safetensors');
  const imported = join(place.cwd, 'imported');
  beforeAll(async () => {
    await runJson(['export', 'run', '--format', 'safetensors', '--output', file], place);
    await runJson(['import', file, ...ARGS, '--output', imported], place);
  });

  test('the weights of the checkpoint, marked for PyTorch', () => {
    expect(weightsOf(file)).toEqual(weightsOf(join(checkpointsOf(run)[0]!, 'model.safetensors')));
    expect(readFileSync(file, 'latin1')).toContain('{"__metadata__":{"format":"pt"}');
  });

  test('export, import, evaluate: equal numbers', async () => {
    const [before, after] = [await evaluate('run'), await evaluate('imported')];
    expect(after.metrics).toEqual(before.metrics);
    expect(after).toMatchObject({ checkpoint: imported, step: 0, file: expect.stringContaining(imported) });
    expect(weightsOf(join(imported, 'model.safetensors'))).toEqual(weightsOf(file));
  });

  test('an imported checkpoint exports to the same bytes', async () => {
    const again = join(place.cwd, 'again.safetensors');
    await runJson(['export', 'imported', '--format', 'safetensors', '--output', again], place);
    expect(readFileSync(again).equals(readFileSync(file))).toBe(true);
  });

  test('without --output: a file by the name of the run, a folder by the name of the file', async () => {
    const exported = await runCli(['export', 'imported', '--format', 'safetensors'], place);
    expect(exported).toMatchObject({ code: 0, stdout: expect.stringContaining('Written: imported.safetensors\n') });
    const elsewhere = { cwd: join(place.cwd, 'elsewhere') };
    mkdirSync(elsewhere.cwd);
    const made = await runCli(['import', '../imported.safetensors', ...ARGS], elsewhere);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('osc evaluate imported\n') });
    expect(existsSync(join(elsewhere.cwd, 'imported', 'state.json'))).toBe(true);
  });

  test('shared positions travel under both names', async () => {
    const shared = join(place.cwd, 'shared');
    const out = join(place.cwd, 'shared.safetensors');
    const args = [...ARGS, 'model.obj_fn.pos_embed=backbone'];
    await runJson(['train', ...args, '--run-dir', shared], place);
    await runJson(['export', 'shared', '--format', 'safetensors', '--output', out], place);
    const weights = weightsOf(out);
    expect(weights.get('obj_fn.pos_embed.embed')).toEqual(weights.get('backbone.pos_embed.embed'));
    await runJson(['import', out, ...args, '--output', 'shared-imported'], place);
    expect((await evaluate('shared-imported')).metrics).toEqual((await evaluate('shared')).metrics);
  });

  test('what is wrong with a file is listed, and nothing is made', async () => {
    const weights = weightsOf(file);
    weights.delete('global_fn.fc1.bias');
    weights.set('global_fn.fc2.bias', { shape: [3], data: new Float32Array(3) });
    weights.set('extra', { shape: [1], data: new Float32Array(1) });
    const bad = join(place.cwd, 'bad.safetensors');
    writeFileSync(bad, encodeSafetensors(weights));
    const result = await runCli(['import', bad, ...ARGS, '--output', 'none'], place);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(
      'Wrong shapes: global_fn.fc2.bias [3] instead of [8]. Missing: global_fn.fc1.bias. Unexpected: extra.',
    );
    expect(existsSync(join(place.cwd, 'none'))).toBe(false);
  });

  test.each([
    [['import', 'weights.safetensors', ...ARGS, '--output', 'imported'], /imported is not empty/],
    [['import', 'nowhere.safetensors', ...ARGS, '--output', 'none'], /There is no file .*nowhere/],
    [['import', 'run/config.yaml', ...ARGS, '--output', 'none'], /not a complete safetensors file/],
    [
      ['import', 'weights.safetensors', ...ARGS, 'model=vit_global', 'losses/l_objects=none', '--output', 'none'],
      /Unexpected:\n +obj_queries\.tokens\n +obj_fn/,
    ],
    [
      ['import', 'weights.safetensors', ...argsBut('model.backbone.num_heads=3'), '--output', 'none'],
      /3 attention heads do not divide/,
    ],
    [['export', 'run', '--format', 'safetensors', '--output', 'weights.safetensors'], /is there already/],
    [['export', 'run', '--format', 'safetensors', '--output', 'w2', '--batch', '3'], /--batch is for --format onnx/],
    [['export', 'run', '--format', 'onnx', '--output', 'run'], /is a folder/],
    [['export', 'run', '--format', 'onnx', '--output', 'm.onnx', '--batch', '0'], /--batch should be a number/],
    [['export', 'run', '--format', 'onnx', '--output', 'm.onnx', '--num-objects', '3'], /cannot give 3 slots/],
    [['train', ...ARGS, '--init-from', 'weights.safetensors'], /osc import .*weights\.safetensors --output DIR/],
    [['train', ...argsBut('model.backbone.embed_dim=16'), '--init-from', 'run'], /Wrong shapes/],
    [
      ['train', ...ARGS, '--init-from', 'run', 'model/obj_fn=cross_attention'],
      /The weights of .* are not of this model/,
    ],
    [['train', '--resume', 'imported'], /imported checkpoint, which has no run/],
    [['train', '--resume', 'run', '--init-from', 'run'], /--resume/],
  ])('%p is refused', async (args, message) => {
    const before = readdirSync(place.cwd);
    const { stderr, code } = await runCli(args, place);
    expect({ stderr, code }).toMatchObject({ stderr: expect.stringMatching(message), code: 2 });
    expect(readdirSync(place.cwd)).toEqual(before);
  });

  test('a broken checkpoint is refused, with an older one to take', async () => {
    const broken = join(place.cwd, 'broken');
    await runJson(['train', ...ARGS, 'training.checkpoint_steps=4', '--run-dir', broken], place);
    const [newest, older] = checkpointsOf(broken);
    const path = join(newest!, 'model.safetensors');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    const result = await runCli(['evaluate', 'broken'], place);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('does not match its checksum') });
    expect(result.stderr).toContain(`osc evaluate ${older!}`);
    expect(readdirSync(join(broken, 'checkpoints')).filter((name) => name.startsWith('.broken'))).toEqual([]);
  });
});

describe('osc train --init-from', () => {
  test.each(['run', 'imported'])('starts from the weights of %s, with a fresh optimizer', async (from) => {
    const runDir = join(place.cwd, `from-${from}`);
    // the first step has a learning rate of 7e-14: weights are where they started, but for rounding
    const args = ['training.checkpoint_steps=1', 'training.keep_checkpoints=100', 'other.seed=5'];
    const base = ARGS.filter((arg) => !arg.startsWith('other.seed'));
    await runJson(['train', ...base, ...args, '--init-from', from, '--run-dir', runDir], place);
    const first = checkpointsOf(runDir).at(-1)!;
    expect(first).toMatch(/step-00000001$/);
    const start = weightsOf(join(checkpointsOf(run)[0]!, 'model.safetensors'));
    for (const [name, { data }] of weightsOf(join(first, 'model.safetensors'))) {
      start.get(name)!.data.forEach((value, i) => {
        expect(Math.abs(data[i]! - value)).toBeLessThan(1e-7);
      });
    }
    const { sessions } = JSON.parse(readFileSync(join(runDir, 'environment.json'), 'utf8')) as {
      sessions: { initFrom: unknown }[];
    };
    const checkpoint = from === 'run' ? checkpointsOf(run)[0] : join(place.cwd, from);
    expect(sessions[0]!.initFrom).toEqual({ checkpoint, sha256: expect.any(String), step: from === 'run' ? 8 : 0 });
    expect(readFileSync(join(runDir, 'train.log'), 'utf8')).toContain(`Weights start from ${checkpoint}`);
  });
});

test('osc export --format onnx: ONNX Runtime gives what osc export says', async () => {
  for (const [from, slots] of [
    ['run', 11],
    ['kmeans', 5],
  ] as const) {
    const file = join(place.cwd, `${from}.onnx`);
    const args = from === 'kmeans' ? ['--num-objects', '5'] : [];
    const { stdout, code } = await runCli(['export', from, '--format', 'onnx', '--output', file, ...args], place);
    expect(code).toBe(0);
    expect(stdout).toContain(`images     [batch, 3, 16, 16]\nf_global   [batch, 8]\nf_slots    [batch, ${slots}, 8]\n`);
    const input = { shape: [2, 3, 16, 16], data: Array.from({ length: 2 * 3 * 16 * 16 }, (_, i) => Math.sin(i)) };
    const [result] = runOnnx([{ file, inputs: [input] }]);
    if ('error' in result!) throw new Error(result.error);
    const [outputs] = result!.outputs;
    const shapes = Object.fromEntries(Object.entries(outputs!).map(([name, { shape }]) => [name, shape]));
    expect(shapes).toEqual({ f_global: [2, 8], f_slots: [2, slots, 8], attention: [2, 3, slots, 16] });
  }
});

describe('a model with a third-party plugin', () => {
  let project: PluginProject;
  beforeAll(() => {
    project = createPluginProject();
    project.install(['osc-plugin-even-tokens']);
  });
  afterAll(() => {
    project.remove();
  });

  test('is evaluated and exported with the plugin it was trained with, if it is trusted', async () => {
    const at = { ...place, cwd: project.dir };
    const plugins = ['--plugin', 'osc-plugin-even-tokens', '--plugin', 'even_tokens'];
    await runJson(['train', ...ARGS, ...plugins, '--run-dir', 'run'], at);
    // the run alone runs no code: nobody knows where it is from
    const refused = await runCli(['evaluate', 'run'], at);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/does not enable: .*even-tokens/) });
    expect(refused.stderr).toContain('--trust-plugins');
    const trust = '--trust-plugins';
    const { metrics } = await runJson<Evaluated>(['evaluate', 'run', '--num-objects', '5', trust], at);
    expect(Object.keys(metrics)).toContain('test/fg_ari');
    await runJson(['export', 'run', '--format', 'safetensors', '--output', 'w.safetensors', trust], at);
    expect(weightsOf(join(project.dir, 'w.safetensors')).get('obj_queries.shift')?.shape).toEqual([1, 1, 8]);
    await runJson(['import', 'w.safetensors', ...ARGS, ...plugins, '--output', 'imported'], at);
    const named = ['evaluate', 'imported', '--num-objects', '5', ...plugins.slice(0, 2)]; // by the flag, as in training
    expect((await runJson<Evaluated>(named, at)).metrics).toEqual(metrics);
    const file = join(project.dir, 'model.onnx');
    await runJson(['export', 'run', '--format', 'onnx', '--output', file, trust], at);
    const [result] = runOnnx([{ file, inputs: [{ shape: [4, 3, 16, 16], data: Array(4 * 3 * 256).fill(0.5) }] }]);
    if ('error' in result!) throw new Error(result.error);
    expect(result!.outputs[0]!['f_slots']!.shape).toEqual([4, 11, 8]);
  });
});
