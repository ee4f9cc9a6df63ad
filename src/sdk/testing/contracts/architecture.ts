import * as tf from '@tensorflow/tfjs-core';
import type { Architecture, ModelOutputs, ModelParts, Projection } from '../../contracts/model';
import { Module, type Mode } from '../../module';
import { assert, assertEqual } from '../assert';
import { randomTensor } from '../gradients';
import { testRecording } from '../recording-contract';
import { testTensors, type Subject } from '../tensor-contract';
import type { ContractContext } from './context';

const ROWS = 4; // 2B
const SLOTS = 3; // S

/** Parts in miniature: each scales by one parameter, so that a gradient tells whether it is wired up. */
class Scale extends Module implements Projection {
  readonly scale = this.parameter<tf.Rank.R1>('scale', [1], () => Float32Array.of(1.5));

  forward<T extends tf.Tensor>(x: T): T {
    return tf.mul(x, this.scale);
  }
}

/** The parts an architecture gets, with the parameters that prove each one used. */
function stubParts(
  context: ContractContext,
  withObjects: boolean,
): { parts: ModelParts; scales: Record<string, Scale>; /** Those that parts were called with. */ modes: Mode[] } {
  const { numTokens, embedDim } = context.dimensions;
  const scales = {
    backbone: new Scale(),
    globalFn: new Scale(),
    globalProj: new Scale(),
    ...(withObjects ? { objQueries: new Scale(), objFn: new Scale(), objProj: new Scale() } : {}),
  };
  const modes: Mode[] = [];
  const attention = (rank: 'backbone' | 'objects'): tf.Tensor =>
    rank === 'backbone' ? tf.ones([ROWS, 1, numTokens, numTokens]) : tf.ones([ROWS, SLOTS, numTokens]);
  const part = (scale: Scale, extra: object): never => Object.assign(scale, extra) as never;
  const parts: ModelParts = {
    backbone: part(scales.backbone, {
      forward(images: tf.Tensor4D, mode: Mode) {
        modes.push(mode);
        const level = tf.mul(tf.mean(images, [1, 2, 3]), scales.backbone.scale);
        const pattern = randomTensor([1, numTokens, embedDim], 21);
        const features = tf.mul(tf.reshape(level, [ROWS, 1, 1]), pattern) as tf.Tensor3D;
        return {
          features,
          pooled: tf.mean(features, 1),
          ...(mode.attention === true ? { attention: [attention('backbone')] } : {}),
        };
      },
    }),
    globalFn: scales.globalFn,
    globalProj: scales.globalProj,
    objQueries: withObjects
      ? part(scales.objQueries!, {
          numObjects: SLOTS,
          queries(features: tf.Tensor3D, mode: Mode, numObjects = SLOTS) {
            modes.push(mode);
            return tf.mul(
              tf.tile(tf.mean(features, 1, true), [1, numObjects, 1]),
              tf.mul(randomTensor([1, numObjects, embedDim], 22), scales.objQueries!.scale),
            );
          },
        })
      : null,
    objFn: withObjects
      ? part(scales.objFn!, {
          forward(queries: tf.Tensor3D, features: tf.Tensor3D, mode: Mode) {
            modes.push(mode);
            const maps = { attention: [attention('objects')], slotSelfAttention: [tf.ones([ROWS, SLOTS, SLOTS])] };
            return {
              slots: tf.mul(tf.add(queries, tf.mean(features, 1, true)), scales.objFn!.scale),
              ...(mode.attention === true ? maps : {}),
            };
          },
        })
      : null,
    objProj: withObjects ? scales.objProj! : null,
  };
  return { parts, scales, modes };
}

export function architectureContract(context: ContractContext): void {
  const { imageSize, numTokens, embedDim } = context.dimensions;
  const images = (): tf.Tensor4D => randomTensor([ROWS, 3, ...imageSize], 7);

  const make = (seed: number): Subject => {
    const instance = context.make<Architecture>(seed);
    const { parts, scales } = stubParts(context, instance.usesObjects);
    const inputs = { images: images() };
    return {
      instance,
      inputs,
      helpers: Object.values(scales),
      run(mode) {
        const { fBackbone, fGlobal, pGlobal, fSlots, pSlots } = instance.forward(parts, inputs.images, mode);
        return {
          fBackbone,
          fGlobal,
          pGlobal,
          ...(fSlots === null ? {} : { fSlots }),
          ...(pSlots === null ? {} : { pSlots }),
        };
      },
      shapes: {
        fBackbone: [ROWS, numTokens, embedDim],
        fGlobal: [ROWS, embedDim],
        pGlobal: [ROWS, embedDim],
        ...(instance.usesObjects ? { fSlots: [ROWS, SLOTS, embedDim], pSlots: [ROWS, SLOTS, embedDim] } : {}),
      },
    };
  };
  const contract = { make, detached: context.detached };
  testTensors(contract, context.runner);
  testRecording(contract, context.runner);

  const withOutputs = (
    mode: Mode,
    body: (outputs: ModelOutputs, usesObjects: boolean, modes: readonly Mode[]) => void,
    slots?: number,
  ): void => {
    const instance = context.make<Architecture>(1);
    const { parts, scales, modes } = stubParts(context, instance.usesObjects);
    tf.tidy(() => body(instance.forward(parts, images(), mode, slots), instance.usesObjects, modes));
    Object.values(scales).forEach((scale) => scale.dispose());
  };

  context.runner.it('has slots if, and only if, it uses objects', async () => {
    withOutputs({ training: false, step: 0 }, (outputs, usesObjects) => {
      assertEqual(outputs.fSlots !== null, usesObjects, 'Whether fSlots is there');
      assertEqual(outputs.pSlots !== null, usesObjects, 'Whether pSlots is there');
    });
  });

  context.runner.it("hands on the parts' attention maps when asked, and only then", async () => {
    withOutputs({ training: false, step: 0 }, ({ attention }) => {
      assert(attention === undefined, 'Without mode.attention there should be no maps.');
    });
    withOutputs({ training: false, step: 0, attention: true }, ({ attention }, usesObjects) => {
      assert(attention !== undefined, 'With mode.attention there should be maps.');
      assertEqual(attention.backbone.length, 1, 'Maps of a backbone of one block');
      assertEqual(attention.objects.length, usesObjects ? 1 : 0, 'Maps of an obj_fn of one iteration');
      assertEqual(
        attention.slotSelfAttention?.length ?? 0,
        usesObjects ? 1 : 0,
        'Maps among slots of an obj_fn of one block',
      );
    });
  });

  context.runner.it('tells the parts that the pass is recorded', async () => {
    withOutputs({ training: false, step: 0, recording: true }, (_outputs, _usesObjects, modes) => {
      assert(
        modes.every(({ recording }) => recording === true),
        'mode.recording does not reach every part: hand on the mode that forward() is given.',
      );
    });
  });

  context.runner.it('gives as many slots as a call asks for', async () => {
    const mode = { training: false, step: 0 };
    withOutputs(
      mode,
      (outputs, usesObjects) => {
        if (usesObjects) assertEqual(outputs.pSlots!.shape[1], SLOTS + 2, `Slots where ${SLOTS + 2} were asked for`);
      },
      SLOTS + 2,
    );
  });
}
