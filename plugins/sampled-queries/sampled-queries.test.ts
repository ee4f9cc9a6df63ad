import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource, type Mode } from 'osc-trainer/sdk';
import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { SampledQueries } from './index';

testComponent(SampledQueries, { options: { num_objects: 3 } });
testComponent(SampledQueries, {
  title: 'contract of obj_queries "sample" with a mixture',
  options: { num_objects: 3, num_components: 2 },
});
testOptions(SampledQueries, {
  valid: [{}, { num_objects: 1, num_components: 4 }],
  invalid: [
    { options: { num_objects: 0 }, message: /num_objects/ },
    { options: { num_components: 0 }, message: /num_components/ },
  ],
});

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

const evaluation: Mode = { training: false, step: 0 };
const training = (step: number): Mode => ({ training: true, step });
const make = (num_components = 1, embedDim = 4): SampledQueries =>
  new SampledQueries({ num_objects: 3, num_components }, { embedDim }, new RandomSource(1));
const features = (rows: number, c = 4): tf.Tensor3D => tf.zeros([rows, 2, c]);

/** Components far apart and narrow: which one a slot is of can be read off. */
function apart(numComponents: number): SampledQueries {
  const queries = make(numComponents);
  const parameters = queries.namedParameters();
  const centres = tf.mul(10, tf.expandDims(tf.range(0, numComponents), 1));
  parameters.get('mu')!.assign(tf.add(tf.zeros([numComponents, 4]), centres));
  parameters.get('log_sigma')!.assign(tf.fill([numComponents, 4], Math.log(0.1)));
  return queries;
}

test('draws have the mean mu and the deviation exp(log_sigma), and are independent', () => {
  const queries = make();
  const parameters = queries.namedParameters();
  parameters.get('mu')!.assign(tf.tensor2d([[1, -2, 3, 0]]));
  parameters.get('log_sigma')!.assign(tf.log(tf.tensor2d([[1, 2, 0.5, 3]])));
  const drawn = tf.reshape(queries.queries(features(2000), training(0)), [6000, 4]);
  const { mean, variance } = tf.moments(drawn, 0);
  // 6000 draws: five standard errors
  [1, -2, 3, 0].forEach((mu, i) => expect(Math.abs(mean.dataSync()[i]! - mu)).toBeLessThan(0.2));
  [1, 2, 0.5, 3].forEach((sigma, i) => expect(Math.sqrt(variance.dataSync()[i]!) / sigma).toBeCloseTo(1, 1));
  const standard = tf.div<tf.Tensor2D>(tf.sub(drawn, mean), tf.sqrt(variance));
  const correlation = tf.div(tf.matMul(tf.transpose(standard), standard), 6000);
  expect(tf.max(tf.abs(tf.sub(correlation, tf.eye(4)))).dataSync()[0]).toBeLessThan(0.07);
});

test('training draws anew each step; evaluation always draws the same, another for each image', () => {
  const queries = make(2);
  const drawn = (mode: Mode, rows = 2): number[][] =>
    (tf.reshape(queries.queries(features(rows), mode), [rows, 12]) as tf.Tensor2D).arraySync();
  expect(drawn(training(1))).toEqual(drawn(training(1)));
  expect(drawn(training(1))).not.toEqual(drawn(training(2)));
  expect(drawn(evaluation)).toEqual(drawn({ ...evaluation, step: 7 }));
  expect(drawn(evaluation)).not.toEqual(drawn(training(0)));
  const [first, second] = drawn(evaluation);
  expect(first).not.toEqual(second);
  expect(drawn(evaluation, 5).slice(0, 2)).toEqual([first, second]);
});

test('a component is drawn for each image and slot, all equally often', () => {
  const drawn = apart(3).queries(features(1000), training(0));
  const components = tf.round(tf.div(tf.mean(drawn, -1), 10)) as tf.Tensor2D;
  const list = components.arraySync();
  const counts = [0, 1, 2].map((k) => list.flat().filter((component) => component === k).length);
  expect(counts.reduce((sum, n) => sum + n)).toBe(3000);
  // five standard deviations of a binomial
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(130);
  expect(list.some((slots) => new Set(slots).size === 1)).toBe(true); // with repetition
  expect(list.some((slots) => new Set(slots).size === 3)).toBe(true);
});

test('gradients go to the components that were drawn', () => {
  const queries = apart(2);
  const drawn = queries.queries(features(4), evaluation);
  const ofSecond = tf.sum(tf.cast(tf.greater(drawn, 5), 'float32'), [0, 1]).dataSync()[0]!;
  const { grads } = tf.variableGrads(() => tf.sum(queries.queries(features(4), evaluation)));
  const mu = grads[queries.namedParameters().get('mu')!.name]!;
  expect(mu.arraySync()).toEqual([Array(4).fill(12 - ofSecond), Array(4).fill(ofSecond)]);
});

test('another number of slots is fine', () => {
  expect(make(3).queries(features(2), evaluation, 7).shape).toEqual([2, 7, 4]);
});

test('mu and log_sigma start uniform in ±√(6 / C)', () => {
  for (const parameter of make(40, 24).namedParameters().values()) {
    const values = Array.from(parameter.dataSync());
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.5);
    expect(Math.max(...values)).toBeGreaterThan(0.48);
    expect(Math.min(...values)).toBeLessThan(-0.48);
  }
});
