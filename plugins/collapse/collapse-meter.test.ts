import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { ModelOutputs, TrainingRun } from 'osc-trainer/sdk';
import { CollapseMeter } from './collapse-meter';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const [ROWS, SLOTS, DIM] = [8, 3, 16];
const logger = {
  error: jest.fn(),
  warn: jest.fn<undefined, [string]>(),
  info: jest.fn<undefined, [string]>(),
  debug: jest.fn(),
};
beforeEach(() => {
  jest.clearAllMocks();
});

/** A meter in a run of so many steps of warm-up. */
interface Measured {
  readonly meter: CollapseMeter;
  readonly warmupSteps: number;
}

const meter = (options: { step_interval?: number | null; max_vectors?: number } = {}, warmupSteps = 0): Measured => ({
  meter: new CollapseMeter({ step_interval: 10, max_vectors: 1024, map_images: 0, ...options }, logger),
  warmupSteps,
});

const vectors = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** A vector that all have in common, and `spread` of their own. */
function close(shape: number[], spread: number, seed = 1): tf.Tensor {
  return tf.add(vectors([DIM], 99), tf.mul(spread, vectors(shape, seed)));
}

function outputs(fGlobal: tf.Tensor, fSlots: tf.Tensor | null): ModelOutputs {
  return { fGlobal, fSlots } as ModelOutputs;
}

const healthy = (): ModelOutputs => outputs(vectors([ROWS, DIM], 3), vectors([ROWS, SLOTS, DIM], 4));
const constant = (): ModelOutputs => outputs(close([ROWS, DIM], 0), close([ROWS, SLOTS, DIM], 0));

/** The metrics of steps that are ten apart. */
function watch(
  { meter, warmupSteps }: Measured,
  steps: readonly ModelOutputs[],
  firstStep = 0,
): Record<string, number>[] {
  return steps.map((outputs, i) => {
    const step = firstStep + 10 * i;
    const metrics: Record<string, number> = {};
    const run = {
      position: { step, epoch: 0 },
      warmupSteps,
      log: (more) => Object.assign(metrics, more),
    } as Partial<TrainingRun> as TrainingRun;
    meter.onForward(run, outputs, tf.zeros([2 * ROWS, 3, 2, 2]));
    meter.onStepEnd(run, { step });
    return metrics;
  });
}
const times = (count: number, make: () => ModelOutputs): ModelOutputs[] => Array.from({ length: count }, make);

test('measures every so many steps, or never', () => {
  const counts = [0, 1, 9, 10, 20].map((step) => Object.keys(watch(meter(), [healthy()], step)[0]!).length);
  expect(counts).toEqual([5, 0, 0, 5, 5]);
  expect(watch(meter({ step_interval: null }), [healthy()])).toEqual([{}]);
});

test('gives the figures of each representation under its name', () => {
  const [metrics] = watch(meter(), [healthy()]);
  expect(Object.keys(metrics!)).toEqual([
    'collapse/global/std',
    'collapse/global/effective_rank',
    'collapse/slots/std',
    'collapse/slots/effective_rank',
    'collapse/slots/similarity',
  ]);
  expect(metrics!['collapse/global/std']).toBeGreaterThan(0.15);
  expect(metrics!['collapse/global/effective_rank']).toBeGreaterThan(5);
  expect(metrics!['collapse/global/effective_rank']).toBeLessThanOrEqual(ROWS);
  expect(Math.abs(metrics!['collapse/slots/similarity']!)).toBeLessThan(0.2);
  const alone = watch(meter(), [outputs(vectors([ROWS, DIM], 3), vectors([ROWS, 1, DIM], 4))])[0]!;
  expect(alone).not.toHaveProperty('collapse/slots/similarity');
  const withoutSlots = watch(meter(), [outputs(vectors([ROWS, DIM], 3), null)])[0]!;
  expect(Object.keys(withoutSlots)).toEqual(['collapse/global/std', 'collapse/global/effective_rank']);
});

test('measures whole images, up to the number of vectors', () => {
  const slots = vectors([ROWS, SLOTS, DIM], 4);
  const some = watch(meter({ max_vectors: 7 }), [outputs(vectors([ROWS, DIM], 3), slots)])[0]!;
  const two = tf.slice(slots, 0, 2);
  const all = watch(meter(), [outputs(tf.slice(vectors([ROWS, DIM], 3), 0, 7), two)])[0]!;
  expect(some).toEqual(all);
});

test('a healthy model has no warning', () => {
  watch(meter(), times(30, healthy));
  expect(logger.warn).not.toHaveBeenCalled();
});

test('a constant representation has one warning each, with the figures and what to try', () => {
  watch(meter(), times(30, constant));
  expect(logger.warn.mock.calls.map(([text]) => text)).toEqual([
    expect.stringMatching(
      /^The global representation has collapsed: .* At step 40, and 4 measurements before: std 0\.0000 of 0\.2500, effective rank 1\.0 of 8\. What may help: .*losses\/l_global=ctr/,
    ),
    expect.stringMatching(
      /^The slots have collapsed: .*similarity of the slots of an image 1\.0000, effective rank 1\.0 of 16\. What may help: .*model\/obj_queries=sample/,
    ),
  ]);
});

test('nothing is judged during the warm-up', () => {
  const measured = meter({}, 60);
  watch(measured, times(10, constant)); // to step 90: four measurements count
  expect(logger.warn).not.toHaveBeenCalled();
  watch(measured, [constant()], 100);
  expect(logger.warn).toHaveBeenCalledTimes(2);
});

test('only that which has collapsed is told of: slots that are alike within each image', () => {
  const alike = tf.add(vectors([ROWS, 1, DIM], 5), tf.mul(1e-3, vectors([ROWS, SLOTS, DIM], 6)));
  watch(
    meter(),
    times(8, () => outputs(vectors([ROWS, DIM], 3), alike)),
  );
  expect(logger.warn).toHaveBeenCalledTimes(1);
  expect(logger.warn.mock.calls[0]![0]).toContain('The slots have collapsed');
});

test('vectors along one line have collapsed, too', () => {
  const line = tf.mul(vectors([ROWS, 1], 7), vectors([1, DIM], 8));
  watch(
    meter(),
    times(8, () => outputs(line, null)),
  );
  expect(logger.warn.mock.calls[0]![0]).toContain('The global representation has collapsed');
});

test('a few measurements, or ones that are interrupted, are not told of', () => {
  watch(meter(), [...times(4, constant), healthy(), ...times(4, constant), healthy()]);
  expect(logger.warn).not.toHaveBeenCalled();
});

test('one that wavers about the limit is told of once; one that recovers and collapses again, twice', () => {
  const wavering = [0.04, 0.06, 0.08, 0.04].map((spread) => outputs(close([ROWS, DIM], spread), null));
  const collapsed = times(5, () => outputs(close([ROWS, DIM], 0.01), null));
  const measured = meter();
  watch(measured, [...collapsed, ...wavering, ...collapsed, ...wavering, ...collapsed]);
  expect(logger.warn).toHaveBeenCalledTimes(1);
  expect(logger.info).not.toHaveBeenCalled();
  watch(measured, [outputs(vectors([ROWS, DIM], 3), null)], 500);
  expect(logger.info.mock.calls[0]![0]).toMatch(/^Step 500: global std .*: not collapsed any more\.$/);
  watch(measured, collapsed);
  expect(logger.warn).toHaveBeenCalledTimes(2);
});

test('tells people what was measured last, once', () => {
  const measured = meter();
  measured.meter.onEpochEnd();
  watch(measured, [healthy()]);
  measured.meter.onEpochEnd();
  measured.meter.onEpochEnd();
  expect(logger.info).toHaveBeenCalledTimes(1);
  expect(logger.info.mock.calls[0]![0]).toMatch(
    /^Representations: global std 0\.2\d+ of 0\.2500, effective rank \d\.\d of 8; slots std 0\.2\d+ of 0\.2500, similarity of the slots of an image -?0\.\d+, effective rank \d+\.\d of 16$/,
  );
});

test('goes on from what it kept: a collapse that was told of is not told of again', () => {
  const [before, after] = [meter(), meter()];
  watch(before, times(3, constant));
  after.meter.loadState(before.meter.state());
  watch(after, times(2, constant), 30);
  expect(logger.warn).toHaveBeenCalledTimes(2);
  const resumed = meter();
  resumed.meter.loadState(after.meter.state());
  watch(resumed, times(9, constant), 50);
  expect(logger.warn).toHaveBeenCalledTimes(2);
});
