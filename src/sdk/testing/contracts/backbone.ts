import * as tf from '@tensorflow/tfjs-core';
import type { Backbone, Pooling } from '../../contracts/model';
import { componentToken } from '../../tokens';
import { assert, assertEqual, assertFinite } from '../assert';
import { meanPooling } from '../create-for-test';
import { randomTensor } from '../gradients';
import { testRecording } from '../recording-contract';
import { testTensors, type Subject } from '../tensor-contract';
import type { ContractContext } from './context';

/** A pooling that uses the class token and the patch tokens, so that a gradient reaches both. */
const classTokenPooling: Pooling = {
  usesClassToken: true,
  pool(patchTokens, classToken) {
    assert(classToken !== null, 'A pooling that uses the class token should be given one.');
    return tf.add(classToken, tf.mean(patchTokens, 1));
  },
};

const ROWS = 2;

export function backboneContract(context: ContractContext): void {
  const { dimensions, runner } = context;
  const { imageSize, numTokens, embedDim, grid } = dimensions;
  const images = (): tf.Tensor4D => randomTensor([ROWS, 3, ...imageSize], 7);

  runner.it('says its sizes: dimensions() is consistent', async () => {
    assertEqual(grid[0] * grid[1], numTokens, 'numTokens against the grid');
    assert(Number.isInteger(embedDim) && embedDim > 0, `embedDim should be a positive integer, not ${embedDim}.`);
  });

  for (const [name, pooling] of [
    ['a pooling of patch tokens', meanPooling],
    ['a pooling that uses the class token', classTokenPooling],
  ] as const) {
    runner.describe(`with ${name}`, () => {
      const provide = new Map([[componentToken('pooling'), pooling]]);
      const make = (seed: number): Subject => {
        const instance = context.make<Backbone>(seed, provide);
        const inputs = { images: images() };
        return {
          instance,
          inputs,
          run(mode) {
            const { features, pooled } = instance.forward(inputs.images, mode);
            return { features, pooled };
          },
          shapes: { features: [ROWS, numTokens, embedDim], pooled: [ROWS, embedDim] },
        };
      };
      const contract = { make, detached: context.detached };
      testTensors(contract, runner);
      testRecording(contract, runner);

      runner.it('gives attention maps when asked, and only then', async () => {
        const instance = context.make<Backbone>(1, provide);
        tf.tidy(() => {
          const plain = instance.forward(images(), { training: true, step: 0 });
          assert(plain.attention === undefined, 'Without mode.attention there should be no maps: they cost memory.');
          const { attention } = instance.forward(images(), { training: false, step: 0, attention: true });
          assert(
            attention !== undefined && attention.length > 0,
            'With mode.attention there should be maps, one a block.',
          );
          const length = pooling.usesClassToken ? numTokens + 1 : numTokens;
          attention.forEach((map, i) => {
            assertEqual(
              [map.shape[0], ...map.shape.slice(2)],
              [ROWS, length, length],
              `2B, L, L of attention map ${i}`,
            );
            assertFinite(map, `Attention map ${i}`);
          });
        });
        instance.dispose();
      });
    });
  }
}
