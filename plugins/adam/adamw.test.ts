import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource, UsageError } from 'osc-trainer/sdk';
import { AdamW } from './adamw';

const options = { weight_decay: 0.01, betas: [0.9, 0.999] as [number, number], eps: 1e-8 };
const random = new RandomSource(7);
const normals = (purpose: string, step: number, length: number): Float32Array =>
  random.stream(purpose, step).normals(length);

function makeParameters(): Map<string, tf.Variable> {
  return new Map<string, tf.Variable>([
    ['fc.weight', tf.variable(tf.tensor2d(normals('weight', 0, 6), [2, 3]))],
    ['fc.bias', tf.variable(tf.tensor1d(normals('bias', 0, 3)))],
  ]);
}

function makeGradients(parameters: ReadonlyMap<string, tf.Variable>, step: number): Map<string, tf.Tensor> {
  return new Map(
    Array.from(parameters, ([name, { shape, size }]) => [name, tf.tensor(normals(name, step, size), shape)]),
  );
}

const values = (tensors: ReadonlyMap<string, tf.Tensor>): Record<string, number[]> =>
  Object.fromEntries(Array.from(tensors, ([name, tensor]) => [name, [...tensor.dataSync()]]));

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

describe('adam', () => {
  it('is AdamW, worked out in float64', () => {
    const optimizer = new AdamW(options);
    const parameters = makeParameters();
    const expected = [...parameters.get('fc.bias')!.dataSync()];
    const [m, v] = [expected.map(() => 0), expected.map(() => 0)];
    for (let t = 1; t <= 20; t++) {
      const gradients = makeGradients(parameters, t);
      const g = gradients.get('fc.bias')!.dataSync();
      const lr = 0.1 / t;
      optimizer.step(parameters, gradients, lr);
      for (const i of expected.keys()) {
        m[i] = 0.9 * m[i]! + 0.1 * g[i]!;
        v[i] = 0.999 * v[i]! + 0.001 * g[i]! ** 2;
        const adam = m[i]! / (1 - 0.9 ** t) / (Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-8);
        expected[i] = expected[i]! * (1 - lr * 0.01) - lr * adam;
      }
      const got = parameters.get('fc.bias')!.dataSync();
      for (const i of expected.keys()) expect(got[i]).toBeCloseTo(expected[i]!, 5);
    }
  });

  it('goes on from a saved state to the same bits', () => {
    const [straight, first, second] = [new AdamW(options), new AdamW(options), new AdamW(options)];
    const [a, b] = [makeParameters(), makeParameters()];
    for (let step = 1; step <= 6; step++) straight.step(a, makeGradients(a, step), 0.01);
    for (let step = 1; step <= 3; step++) first.step(b, makeGradients(b, step), 0.01);
    second.loadState(first.state());
    first.dispose();
    for (let step = 4; step <= 6; step++) second.step(b, makeGradients(b, step), 0.01);
    expect(values(b)).toEqual(values(a));
    expect(values(second.state())).toEqual(values(straight.state()));
    expect(values(second.state())['fc.weight.step']).toEqual([6]);
  });

  it('has an empty state before the first step', () => {
    expect(new AdamW(options).state().size).toBe(0);
  });

  it('leaves a parameter without gradient as it is, and counts its updates apart', () => {
    const optimizer = new AdamW(options);
    const parameters = makeParameters();
    const before = values(parameters)['fc.weight'];
    const gradients = makeGradients(parameters, 1);
    optimizer.step(parameters, new Map([['fc.bias', gradients.get('fc.bias')!]]), 0.01);
    expect(values(parameters)['fc.weight']).toEqual(before);
    expect(optimizer.state().has('fc.weight.exp_avg')).toBe(false);
    optimizer.step(parameters, gradients, 0.01);
    const state = values(optimizer.state());
    expect([state['fc.weight.step'], state['fc.bias.step']]).toEqual([[1], [2]]);
  });

  it('keeps no tensor but its state, inside a tidy and outside', () => {
    const optimizer = new AdamW(options);
    const parameters = makeParameters();
    const gradients = makeGradients(parameters, 1);
    const before = tf.memory().numTensors;
    optimizer.step(parameters, gradients, 0.01);
    tf.tidy(() => optimizer.step(parameters, gradients, 0.01));
    expect(tf.memory().numTensors).toBe(before + 4);
    for (let i = 0; i < 3; i++) optimizer.state();
    expect(tf.memory().numTensors).toBe(before + 6);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(gradients.get('fc.bias')!.isDisposed).toBe(false);
  });

  it('refuses a state that is not its own or does not fit', () => {
    const optimizer = new AdamW(options);
    const parameters = makeParameters();
    optimizer.step(parameters, makeGradients(parameters, 1), 0.01);
    const state = new Map(optimizer.state());
    const strange = new Map([['fc.bias.momentum', tf.zeros([3])]]);
    expect(() => optimizer.loadState(strange)).toThrow("'fc.bias.momentum'");
    const missing = new Map([...state].filter(([name]) => name !== 'fc.bias.exp_avg_sq'));
    expect(() => optimizer.loadState(missing)).toThrow("no tensor 'fc.bias.exp_avg_sq'");
    const other = new AdamW(options);
    other.loadState(new Map(state).set('fc.bias.exp_avg', tf.zeros([4])));
    expect(() => other.step(parameters, makeGradients(parameters, 2), 0.01)).toThrow(UsageError);
    expect(() => other.step(parameters, makeGradients(parameters, 2), 0.01)).toThrow("'fc.bias' has shape [4]");
  });
});
