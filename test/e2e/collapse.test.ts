/** The collapse meter in a run of the built osc: it tells of a training that collapses, and keeps still about one that does not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from './run-cli';
import { TINY, workingDirectory } from './training';

const place = workingDirectory();
const ARGS = [
  ...TINY,
  'training.num_epochs=3',
  'data.viz.max_samples=0',
  'data.test.evaluators=[]',
  'training.collapse.step_interval=1',
];

/** Warnings of the log, sorted, and the lines of `metrics.jsonl` that have measurements. */
async function train(name: string, ...args: string[]) {
  const runDir = join(place.cwd, name);
  const { stderr, code } = await runCli(['train', ...ARGS, ...args, '--run-dir', runDir], place);
  expect({ stderr, code }).toMatchObject({ code: 0 });
  const log = readFileSync(join(runDir, 'train.log.jsonl'), 'utf8').trimEnd().split('\n');
  const lines = log.map((line) => JSON.parse(line) as { level: string; message: string });
  const metrics = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  return {
    stderr,
    warnings: lines.flatMap(({ level, message }) => (level === 'warn' ? [message] : [])).sort(),
    measured: metrics.map((line) => JSON.parse(line) as Record<string, number>).filter((line) => 'lr' in line),
  };
}

test('losses without negatives and a learning rate far too high: a warning for each representation, with what to do', async () => {
  const losses = ['losses/l_global=sim', 'losses/l_objects=sim_img', 'optimizer.start_lr=0.02'];
  const { stderr, warnings, measured } = await train('collapses', ...losses);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^The global representation has collapsed: .* At step \d+, and 4 measurements before: std 0\.0/,
    ),
    expect.stringMatching(/^The slots have collapsed: .* similarity of the slots of an image (0\.999\d|1\.0000)/),
  ]);
  for (const [warning, loss] of [
    [warnings[0]!, 'losses/l_global=ctr'],
    [warnings[1]!, 'losses/l_objects=ctr_img'],
  ] as const) {
    expect(warning).toContain(`What may help: a contrastive loss`);
    expect(warning).toContain(loss);
    expect(stderr).toContain(warning);
    // nothing is judged in the warm-up of 8 steps, and then it takes five measurements
    expect(Number(/At step (\d+)/.exec(warning)![1])).toBeGreaterThanOrEqual(12);
  }
  const last = measured.at(-1)!;
  expect(last['collapse/global/std']).toBeLessThan(0.05 / Math.sqrt(8));
  expect(last['collapse/slots/similarity']).toBeGreaterThan(0.9995);
});

test('contrastive losses, the default learning rate and queries that start apart: no warning', async () => {
  const { warnings, measured } = await train('holds', 'model/obj_queries=sample');
  expect(warnings).toEqual([]);
  expect(measured).toHaveLength(24);
  for (const line of measured) expect(line['collapse/global/std']).toBeGreaterThan(0.05 / Math.sqrt(8));
});
