import * as tf from '@tensorflow/tfjs-core';
import { RunError, UsageError, type Callback, type TrainingRun } from '../sdk';
import { Callbacks } from './callbacks';
import { chooseEngineForTest } from './testing-model.fixture';

beforeAll(chooseEngineForTest);

const logger = { error: jest.fn(), warn: jest.fn(), info: jest.fn(), debug: jest.fn() };
beforeEach(() => {
  jest.clearAllMocks();
});

const run = {} as TrainingRun;
const foreign = (callback: Callback, name = 'mine', packageName: string | null = `osc-plugin-${name}`): Callbacks =>
  new Callbacks([{ name, callback, packageName }], logger);
const throwing = (error: unknown) => (): never => {
  throw error;
};

test('what an observer throws is told of once, and it is left out; the others go on', async () => {
  const onEpochEnd = jest.fn(() => Promise.reject(new Error('no pencil')));
  const state = jest.fn(() => ({ values: { pictures: 3 } }));
  const other = jest.fn();
  const callbacks = new Callbacks(
    [
      { name: 'artist', callback: { observer: true, onEpochEnd, state }, packageName: 'osc-plugin-artist' },
      { name: 'other', callback: { onEpochEnd: other }, packageName: null },
    ],
    logger,
  );
  const end = { epoch: 0, train: {}, val: {}, last: false };
  await callbacks.call('onEpochEnd', run, end);
  await callbacks.call('onEpochEnd', run, end);
  expect(onEpochEnd).toHaveBeenCalledTimes(1);
  expect(other).toHaveBeenCalledTimes(2);
  expect(logger.warn.mock.calls).toEqual([
    ['The callback artist failed in onEpochEnd and is left out from now on: no pencil'],
  ]);
  expect(callbacks.states().values).toEqual({});
});

test('an observer that was left out before a resume starts anew', () => {
  const loadState = jest.fn();
  foreign({ loadState }).restore({ values: { other: {} }, tensors: new Map() });
  expect(loadState).not.toHaveBeenCalled();
});

test('what another one throws is a PluginError with its name and the cause; errors for people stay', async () => {
  const cause = new TypeError('x is not a function');
  const failed = foreign({ onStart: throwing(cause) }).call('onStart', run);
  await expect(failed).rejects.toMatchObject({
    name: 'PluginError',
    packageNames: ['osc-plugin-mine'],
    message: 'The callback mine of osc-plugin-mine failed in onStart: x is not a function',
    cause,
  });
  for (const error of [new UsageError('Wrong.'), new RunError('Gone.')]) {
    await expect(foreign({ onStart: throwing(error) }).call('onStart', run)).rejects.toBe(error);
  }
  await expect(foreign({ onStart: throwing(cause) }, 'ema', null).call('onStart', run)).rejects.toBe(cause);
});

test('one may throw anything', async () => {
  await expect(foreign({ onStart: throwing(null) }).call('onStart', run)).rejects.toMatchObject({
    name: 'PluginError',
    message: 'The callback mine of osc-plugin-mine failed in onStart: null',
  });
});

test('one that changes what all objects have is told of before loops over keys go wrong', async () => {
  const prototype = Object.prototype as { patch?: number };
  const onStart = (): void => {
    prototype.patch = 1;
  };
  try {
    await expect(foreign({ onStart }).call('onStart', run)).rejects.toThrow(
      'The callback mine of osc-plugin-mine failed in onStart: It changes what all objects have: Object.prototype.patch.',
    );
  } finally {
    delete prototype.patch;
  }
});

test('a promise inside a step is an error', () => {
  const late = { onGradients: () => Promise.reject(new Error('late')) } as unknown as Callback;
  expect(() => foreign(late).callNow('onGradients', run, new Map())).toThrow(
    /failed in onGradients: It returns a promise/,
  );
});

test('states are read by name, and given back as they were', () => {
  const loaded: unknown[] = [];
  const tensors = new Map([['weights.w', tf.tensor1d([1, 2])]]);
  const values = { list: [1, { two: 2 }], none: null };
  const make = (): Callbacks =>
    new Callbacks(
      [
        {
          name: 'a',
          packageName: null,
          callback: {
            state: () => ({ values, tensors }),
            loadState: (state) => {
              const read = Array.from(state.tensors ?? [], ([name, tensor]) => [name, [...tensor.dataSync()]]);
              loaded.push([state.values, read]);
            },
          },
        },
        { name: 'ab', packageName: null, callback: {} },
      ],
      logger,
    );
  const states = make().states();
  values.list.push(3); // what was saved is a copy
  expect(states).toEqual({
    values: { a: { list: [1, { two: 2 }], none: null } },
    tensors: new Map([['a/weights.w', { shape: [2], data: Float32Array.of(1, 2) }]]),
  });
  const before = tf.memory().numTensors;
  make().restore(states);
  expect(tf.memory().numTensors).toBe(before);
  expect(loaded).toEqual([[{ list: [1, { two: 2 }], none: null }, [['weights.w', [1, 2]]]]]);
  expect([...make().weightsOf('a').keys()]).toEqual(['w']);
  expect(() => make().weightsOf('ab')).toThrow(UsageError);
  tf.dispose([...tensors.values()]);
});

test.each([
  ['NaN', { value: NaN }],
  ['undefined', { value: undefined }],
  ['a Map', { value: new Map([['a', 1]]) }],
])('values with %s cannot be saved: an error that names the callback', (_, values) => {
  expect(() => foreign({ state: () => ({ values }) }).states()).toThrow(
    /^The callback mine of osc-plugin-mine failed in state: Its values hold what JSON does not give back/,
  );
});

test('tensors of another type cannot be saved', () => {
  const tensor = tf.tensor1d([1], 'int32');
  const callbacks = foreign({ state: () => ({ tensors: new Map([['count', tensor]]) }) });
  expect(() => callbacks.states()).toThrow(/Its tensor "count" should be float32, and is int32/);
  tensor.dispose();
});

test('a state that a callback cannot take is told of by its name', () => {
  const callbacks = foreign({ loadState: throwing(new Error('there is no "count"')) });
  const restoring = (): void => callbacks.restore({ values: { mine: { odd: 1 } }, tensors: new Map() });
  expect(restoring).toThrow(UsageError);
  expect(restoring).toThrow('The callback mine cannot go on from what it kept: there is no "count"');
});

test('all are disposed, those that were left out, too', async () => {
  const dispose = jest.fn();
  const callbacks = foreign({ observer: true, onStart: throwing(new Error('odd')), dispose });
  await callbacks.call('onStart', run);
  callbacks.dispose();
  expect(dispose).toHaveBeenCalledTimes(1);
});
