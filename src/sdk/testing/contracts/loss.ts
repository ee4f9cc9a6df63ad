import * as tf from '@tensorflow/tfjs-core';
import type { Loss, LossInputs } from '../../contracts/loss';
import type { Mode } from '../../module';
import { assert, assertEqual, assertFinite, assertShape } from '../assert';
import { randomTensor } from '../gradients';
import { lossInputs } from '../loss-inputs';
import { testTensors, type Subject } from '../tensor-contract';
import type { ContractContext } from './context';

const ROWS = 6; // 2B: three images
const SLOTS = 4; // S

const TRAINING: Mode = { training: true, step: 0 };

interface OutputTensors extends Record<string, tf.Tensor> {
  fBackbone: tf.Tensor3D;
  fGlobal: tf.Tensor2D;
  pGlobal: tf.Tensor2D;
  fSlots: tf.Tensor3D;
  pSlots: tf.Tensor3D;
  images: tf.Tensor4D;
}

/** Contract of `loss`. */
export function lossContract(context: ContractContext): void {
  const { numTokens, embedDim, imageSize } = context.dimensions;
  const [height, width] = imageSize;
  const tensors = (): OutputTensors => ({
    fBackbone: randomTensor([ROWS, numTokens, embedDim], 11),
    fGlobal: randomTensor([ROWS, embedDim], 12),
    pGlobal: randomTensor([ROWS, embedDim], 13),
    fSlots: randomTensor([ROWS, SLOTS, embedDim], 14),
    pSlots: randomTensor([ROWS, SLOTS, embedDim], 15),
    images: randomTensor([ROWS, 3, height, width], 16),
  });
  const inputsFor = (loss: Loss, { images, ...outputs }: OutputTensors, mode = TRAINING): LossInputs => {
    const slots = loss.usesObjects ? {} : { fSlots: null, pSlots: null };
    return lossInputs({ ...outputs, ...slots }, { images, mode });
  };

  const make = (seed: number): Subject => {
    const instance = context.make<Loss>(seed);
    const inputs = tensors();
    return {
      instance,
      inputs,
      run: (mode) => {
        const batch = inputsFor(instance, inputs, mode);
        return {
          mean: instance.compute(batch, 'mean'),
          sum: instance.compute(batch, 'sum'),
          none: instance.compute(batch, 'none'),
        };
      },
      shapes: { mean: [], sum: [], none: null },
      optionalGradients: Object.keys(inputs), // a loss reads what it likes; that it reads something is tested below
    };
  };
  testTensors({ make, detached: context.detached }, context.runner);

  const withLoss = (body: (loss: Loss, inputs: OutputTensors) => void): void => {
    const loss = context.make<Loss>(1);
    tf.tidy(() => body(loss, tensors()));
  };

  context.runner.it('depends on the outputs: a finite gradient that is not all zero reaches one of them', async () => {
    withLoss((loss, inputs) => {
      const xs = Object.values(inputs);
      const { grads } = tf
        .engine()
        .gradients(() => loss.compute(inputsFor(loss, inputs), 'mean'), xs, null as never, true);
      const arrived = (grads as (tf.Tensor | undefined)[]).filter((grad) => grad !== undefined);
      assert(
        arrived.some((grad) => tf.max(tf.abs(grad)).dataSync()[0]! > 0),
        'No gradient reaches any of the outputs.',
      );
    });
  });

  context.runner.it('has one value a sample, and their mean is the mean', async () => {
    withLoss((loss, inputs) => {
      const outputs = inputsFor(loss, inputs);
      const none = loss.compute(outputs, 'none');
      assert(
        none.size % (ROWS / 2) === 0,
        `"none" should have values for each of ${ROWS / 2} images, and has ${none.size}.`,
      );
      const [mean, ofNone] = [loss.compute(outputs, 'mean'), tf.mean(none)].map((value) => value.dataSync()[0]!);
      const away = Math.abs(mean! - ofNone!) / Math.max(1, Math.abs(mean!));
      assert(away < 1e-4, `"mean" is ${mean}, and the mean of "none" is ${ofNone}.`);
    });
  });

  context.runner.it('stays finite when all outputs are equal, as in a collapsed model', async () => {
    withLoss((loss, inputs) => {
      const collapsed = Object.fromEntries(
        Object.entries(inputs).map(([name, tensor]) => [name, tf.ones(tensor.shape)]),
      ) as OutputTensors;
      const outputs = inputsFor(loss, collapsed);
      const { value, grads } = tf
        .engine()
        .gradients(() => loss.compute(outputs, 'mean'), Object.values(collapsed), null as never, true);
      assertFinite(value, 'The loss of equal outputs');
      (grads as (tf.Tensor | undefined)[]).forEach((grad) => {
        if (grad !== undefined) assertFinite(grad, 'A gradient of the loss of equal outputs');
      });
    });
  });

  context.runner.it('says whether it reads slots', async () => {
    withLoss((loss) => assertEqual(typeof loss.usesObjects, 'boolean', 'The type of usesObjects'));
  });

  context.runner.it('offers masks, if any, of every slot, not negative', async () => {
    withLoss((loss, inputs) => {
      if (loss.masks === undefined) return;
      const masks = loss.masks(inputsFor(loss, inputs, { training: false, step: 0 }));
      const [, , down, across] = masks.shape;
      assertShape(masks, [ROWS, SLOTS, down, across], 'masks');
      assertFinite(masks, 'masks');
      assert(tf.min(masks).dataSync()[0]! >= 0, 'A mask is negative somewhere.');
    });
  });

  context.runner.it('reconstructs, if at all, images of their size, and makes masks beside it', async () => {
    withLoss((loss, inputs) => {
      if (loss.reconstruct === undefined) return;
      assert(loss.masks !== undefined, 'It has reconstruct, and no masks.');
      const images = loss.reconstruct(inputsFor(loss, inputs, { training: false, step: 0 }));
      assertShape(images, [ROWS, 3, height, width], 'the reconstruction');
      assertFinite(images, 'the reconstruction');
    });
  });
}
