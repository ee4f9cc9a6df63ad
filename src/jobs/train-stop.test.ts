/** Stopping `train` from a script. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunError, train, type TrainInput } from '.';

const OVERRIDES = [
  'data=scenes',
  'data.num_train=8',
  'data.num_val=4',
  'data.num_test=4',
  'data.image_size=[32,40]',
  'data.min_visible=4',
  'data.crop_size=[16,16]',
  'data.num_workers=0',
  'data.viz.max_samples=0',
  'data.test.evaluators=[]',
  'model.backbone.patch_size=[8,8]',
  'model.backbone.embed_dim=8',
  'model.backbone.num_layers=1',
  'model.backbone.num_heads=2',
  'model.obj_queries.num_objects=2',
  'training.batch_size=4',
  'training.num_epochs=2',
  'engine.name=cpu',
];

let cwd: string;
let input: TrainInput;
const { XDG_CACHE_HOME } = process.env;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'osc-train-stop-'));
  process.env['XDG_CACHE_HOME'] = join(cwd, 'cache');
  input = { cwd, overrides: OVERRIDES, runDir: 'run' };
});
afterAll(() => {
  if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME;
  rmSync(cwd, { recursive: true });
});

test('asked before training begins: a RunError, and no run directory', async () => {
  await expect(train({ ...input, signal: AbortSignal.abort() })).rejects.toThrow(RunError);
  expect(existsSync(join(cwd, 'run'))).toBe(false);
});

test('asked while it trains: a checkpoint after the step, a line in the log, and it can be resumed', async () => {
  const print = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const listeners = process.listenerCount('SIGINT');
  const stop = new AbortController();
  const lines: string[] = [];
  const stopped = await train({
    ...input,
    signal: stop.signal,
    onStart: () => {
      expect(process.listenerCount('SIGINT')).toBe(listeners);
      stop.abort();
    },
    onLog: (line) => lines.push(line),
  });
  expect(stopped).toMatchObject({ status: 'stopped', runDir: join(cwd, 'run') });
  expect(readdirSync(join(stopped.runDir, 'checkpoints'))).toHaveLength(1);
  expect(lines.join('\n')).toContain('stopping after this step, with a checkpoint');
  const finished = await train({ cwd, resume: 'run' });
  expect(finished).toMatchObject({ status: 'finished', epochs: 2, steps: 4 });
  expect(print).not.toHaveBeenCalled();
  print.mockRestore();
  const environment = readFileSync(join(cwd, 'run/environment.json'), 'utf8');
  expect(environment.match(/"command": \[\]/g)).toHaveLength(2); // a script has no arguments
});
