import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource } from 'osc-trainer/sdk';
import { lossOf, type OutputLayout } from './outputs';
import { makeRows, Probe } from './probe';
import { accuracy, majorityAccuracy, positionR2 } from './scores';
import { matchByPrediction } from './train-probe';

beforeAll(() => tf.setBackend('cpu'));

const layout: OutputLayout = { sizes: [3, 2], standardize: (position) => position };
const object = (first: number, second: number, x = 0, y = 0) => ({ codes: [first, second], position: [x, y] as const });

test.each([null, 4])('gradients are those of the loss, by differences (hidden units: %p)', (hidden) => {
  const random = new RandomSource(3);
  const pairs = [object(0, 1, 0.5, -1), object(2, 0, 1, 0.2), object(1, 1)].map((made, i) => ({
    object: made,
    features: random.stream('features', i).normals(5),
  }));
  const probe = new Probe(5, layout, hidden, random);
  const loss = (): number => {
    const outputs = probe.predict(pairs.map(({ features }) => features));
    return pairs.reduce((sum, pair, row) => sum + lossOf(outputs, row, pair.object, layout), 0) / pairs.length;
  };
  const gradients = probe.gradients(makeRows(pairs));
  expect(gradients.map(({ length }) => length)).toEqual(probe.parameters.map(({ length }) => length));
  probe.parameters.forEach((values, part) => {
    for (const i of [0, values.length - 1]) {
      const [kept, step] = [values[i]!, 1e-2];
      values[i] = kept + step;
      const above = loss();
      values[i] = kept - step;
      const below = loss();
      values[i] = kept;
      expect(gradients[part]![i]).toBeCloseTo((above - below) / (2 * step), 3);
    }
  });
});

test('the loss of an object: cross-entropies and squared distance', () => {
  const outputs = Float32Array.of(0, 0, 0, 1000, -1000, 3, 4);
  expect(lossOf(outputs, 0, object(1, 0, 3, 2), layout)).toBeCloseTo(Math.log(3) + 0 + 4, 6);
  expect(lossOf(outputs, 0, object(1, 1, 3, 4), layout)).toBeCloseTo(Math.log(3) + 2000, 4);
});

test('matching by prediction takes the least sum of losses; the last object has no slot where there are too few', () => {
  const says = (first: number): number[] => [0, 1, 2].map((value) => (value === first ? 5 : 0)).concat([0, 0, 0, 0]);
  const outputs = Float32Array.from([...says(2), ...says(0)]);
  expect([...matchByPrediction(outputs, [object(0, 0), object(2, 0)], layout)]).toEqual([1, 0]);
  expect([...matchByPrediction(outputs, [object(2, 0)], layout)]).toEqual([0]);
  const matches = matchByPrediction(outputs, [object(0, 0), object(1, 0), object(2, 0)], layout);
  expect([...matches]).toEqual([1, -1, 0]);
});

describe('scores', () => {
  const said = (made: ReturnType<typeof object>, ...outputs: number[]) => ({
    object: made,
    outputs: Float32Array.from(outputs),
  });

  test('accuracy by the largest logit of each category', () => {
    const predictions = [
      said(object(1, 0), 0, 2, 1, 0, 5, 0, 0),
      said(object(2, 0), 0, 0, 1, 1, 0, 0, 0),
      { object: object(0, 0), outputs: null },
    ];
    expect(accuracy(predictions, 0, layout)).toBeCloseTo(2 / 3, 12);
    expect(accuracy(predictions, 1, layout)).toBeCloseTo(1 / 3, 12);
  });

  test('chance is the most frequent class of the training objects', () => {
    const trained = [object(2, 0), object(2, 1), object(0, 1)];
    expect(majorityAccuracy(trained, [object(2, 0), object(0, 0), object(1, 1), object(2, 0)], 0, layout)).toBe(0.5);
    expect(majorityAccuracy(trained, [object(2, 0), object(0, 0), object(1, 1), object(2, 0)], 1, layout)).toBe(0.25);
  });

  test('R² of the position is that of scikit-learn', () => {
    // sklearn.metrics.r2_score([[0.5, 1], [-1, 1], [7, -6]], [[0, 2], [-1, 2], [8, -5]]) of scikit-learn 1.9.1
    const of = (x: number, y: number, ...position: number[]) => said(object(0, 0, x, y), 0, 0, 0, 0, 0, ...position);
    const predictions = [of(0.5, 1, 0, 2), of(-1, 1, -1, 2), of(7, -6, 8, -5)];
    expect(positionR2(predictions, layout)).toBeCloseTo(0.9368005266622779, 12);
    const mean = [of(1, 3, 2, 2), of(3, 1, 2, 2)];
    expect(positionR2(mean, layout)).toBe(0);
    expect(positionR2([of(1, 3, 2, 2), of(1, 1, 2, 2)], layout)).toBeNaN();
    expect(positionR2([of(1, -1, 1, -1), of(-1, 1, -1, 1), { object: object(0, 0), outputs: null }], layout)).toBe(1);
  });
});
