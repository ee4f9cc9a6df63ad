import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { TrainingRun } from 'osc-trainer/sdk';
import { Ema } from './ema';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const STEPS = 40;

/** What a parameter is after so many steps. */
const valuesAt = (step: number): Float32Array =>
  Float32Array.from({ length: 6 }, (_, i) => Math.sin(3 * i + 0.7 * step));

/** The averages after each step, computed in 64 bits as the formula says. */
function expected(decayAt: (n: number) => number): number[][] {
  let averages = [...valuesAt(0)];
  return Array.from({ length: STEPS }, (_, n) => {
    const values = valuesAt(n + 1);
    averages = averages.map((average, i) => decayAt(n) * average + (1 - decayAt(n)) * values[i]!);
    return averages;
  });
}

function runOf(parameters: Record<string, tf.Variable>): TrainingRun {
  return { parameters: new Map(Object.entries(parameters)) } as Partial<TrainingRun> as TrainingRun;
}

const averageOf = (ema: Ema): Float32Array => ema.state().tensors!.get('weights.w')!.dataSync() as Float32Array;

test.each([
  ['without warm-up', { decay: 0.9, warm_up: false }, () => 0.9],
  ['with warm-up', { decay: 0.9, warm_up: true }, (n: number) => Math.min(0.9, (1 + n) / (10 + n))],
  ['with a warm-up longer than the run', { decay: 0.999, warm_up: true }, (n: number) => (1 + n) / (10 + n)],
])('%s: the averages of the formula, within float32', (_, options, decayAt) => {
  const w = tf.variable(tf.tensor2d(valuesAt(0), [2, 3]));
  const ema = new Ema(options);
  const run = runOf({ w });
  ema.onStart(run);
  expect(averageOf(ema)).toEqual(valuesAt(0));
  for (const [step, averages] of expected(decayAt).entries()) {
    w.assign(tf.tensor2d(valuesAt(step + 1), [2, 3]));
    ema.onStepEnd(run);
    averageOf(ema).forEach((value, i) => expect(Math.abs(value - averages[i]!)).toBeLessThan(1e-6));
  }
  expect(ema.state().values).toEqual({ updates: STEPS });
  expect(ema.state().tensors!.get('weights.w')!.shape).toEqual([2, 3]);
  ema.dispose();
  w.dispose();
});

test('the averages are no views of what is trained', () => {
  const w = tf.variable(tf.tensor1d([1, 2]));
  const ema = new Ema({ decay: 0.5, warm_up: false });
  ema.onStart(runOf({ w }));
  (w.dataSync() as Float32Array)[0] = 7; // as an engine does that updates in place
  expect([...averageOf(ema)]).toEqual([1, 2]);
  ema.dispose();
  w.dispose();
});

test('parameters of losses are no part of the model', () => {
  const [w, own] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
  const ema = new Ema({ decay: 0.5, warm_up: false });
  ema.onStart(runOf({ w, 'losses.l_mine.predictor': own }));
  expect([...ema.state().tensors!.keys()]).toEqual(['weights.w']);
  ema.dispose();
  tf.dispose([w, own]);
});

test('averages of another model are an error', () => {
  const w = tf.variable(tf.scalar(1));
  const ema = new Ema({ decay: 0.5, warm_up: false });
  ema.loadState({ values: { updates: 3 }, tensors: new Map([['weights.v', tf.scalar(1)]]) });
  expect(() => ema.onStart(runOf({ w }))).toThrow('There is no average of w');
  expect(() => ema.loadState({ values: {} })).toThrow(/updates/);
  ema.dispose();
  w.dispose();
});
