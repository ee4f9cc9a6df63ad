import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { Module, UsageError, type Loss, type ModelOutputs } from '../sdk';
import { PluginError } from '../sdk/errors';
import { lossOf, Objective, type WeightedLoss } from './objective';

beforeAll(() => tf.setBackend('cpu'));

class Scaled extends Module implements Loss {
  readonly usesObjects = false;
  readonly scale = this.parameter<tf.Rank.R1>('scale', [1], () => Float32Array.of(3));

  compute({ outputs, log }: Parameters<Loss['compute']>[0]): tf.Tensor {
    log('twice', tf.scalar(2));
    log('known', 7);
    return tf.mean(tf.mul(outputs.pGlobal, this.scale));
  }

  masks(): tf.Tensor4D {
    return tf.ones([2, 1, 1, 1]);
  }
}

const plain: Loss = { usesObjects: false, compute: ({ outputs }) => tf.mean(outputs.pGlobal) };
const term = (key: string, loss: Loss, weight = 1): WeightedLoss => ({ key, loss, weight, packageName: null });
const batch = () => ({
  outputs: { pGlobal: tf.ones([2, 1]) } as Partial<ModelOutputs> as ModelOutputs,
  images: tf.zeros<tf.Rank.R4>([2, 3, 1, 1]),
  mode: { training: true, step: 0 },
});

test('sums weighted losses; a weight that is changed counts from then on', () => {
  const objective = new Objective([term('l_global', plain), term('l_more', new Scaled(), 0.5)]);
  const first = objective.means(batch());
  expect(first.total.dataSync()[0]).toBeCloseTo(1 + 0.5 * 3, 6);
  expect([...first.losses.keys()]).toEqual(['l_global', 'l_more']);
  expect(
    [...first.metrics].map(([name, value]) => [name, typeof value === 'number' ? value : value.dataSync()[0]]),
  ).toEqual([
    ['l_more/twice', 2],
    ['l_more/known', 7],
  ]);
  objective.terms.get('l_more')!.weight = 0;
  expect(objective.means(batch()).total.dataSync()[0]).toBeCloseTo(1, 6);
});

test('has the parameters of losses under their keys, and the masks that they offer', () => {
  const objective = new Objective([term('l_global', plain), term('l_more', new Scaled())]);
  expect([...objective.namedParameters().keys()]).toEqual(['losses.l_more.scale']);
  expect(objective.maskSources.map(({ name }) => name)).toEqual(['l_more']);
  expect(objective.maskSources[0]!.masks(batch()).shape).toEqual([2, 1, 1, 1]);
});

test('an error of a loss of a third party names it; what is told to the user passes through', () => {
  const failing = (error: Error): WeightedLoss => ({
    ...term('l_more', {
      usesObjects: false,
      compute: () => {
        throw error;
      },
    }),
    packageName: 'osc-plugin-more',
  });
  const inputs = { ...batch(), log: () => undefined };
  const call = (error: Error) => (): tf.Tensor => lossOf(failing(error), inputs, 'mean');
  expect(call(new TypeError('x is not a function'))).toThrow(PluginError);
  expect(call(new TypeError('x is not a function'))).toThrow(
    'The loss losses.l_more of osc-plugin-more failed: x is not a function',
  );
  expect(call(new UsageError('No slots.'))).toThrow(UsageError);
});
