/** Contracts of the kinds that work on tokens: pooling, pos_embed, obj_queries, obj_fn. */
import * as tf from '@tensorflow/tfjs-core';
import type { ObjFn, ObjQueries, Pooling, PosEmbed } from '../../contracts/model';
import { isReportedError } from '../../errors';
import { assert, assertEqual, assertFinite, assertShape, thrownBy } from '../assert';
import { randomTensor } from '../gradients';
import { testRecording } from '../recording-contract';
import { testTensors, type Subject } from '../tensor-contract';
import type { ContractContext } from './context';

const ROWS = 4; // 2B
const SLOTS = 3; // S

export function poolingContract(context: ContractContext): void {
  const { numTokens, embedDim } = context.dimensions;
  const make = (seed: number): Subject => {
    const instance = context.make<Pooling>(seed);
    const inputs = {
      patchTokens: randomTensor<tf.Rank.R3>([ROWS, numTokens, embedDim], 7),
      ...(instance.usesClassToken ? { classToken: randomTensor<tf.Rank.R2>([ROWS, embedDim], 8) } : {}),
    };
    return {
      instance,
      inputs,
      run: () => ({ pooled: instance.pool(inputs.patchTokens, inputs.classToken ?? null) }),
      shapes: { pooled: [ROWS, embedDim] },
      // one of the two is enough, and which one is the component's choice
      optionalGradients: instance.usesClassToken ? ['patchTokens'] : [],
    };
  };
  const contract = { make, detached: context.detached };
  testTensors(contract, context.runner);
  testRecording(contract, context.runner);
}

export function posEmbedContract(context: ContractContext): void {
  const { numTokens, embedDim } = context.dimensions;
  const make = (seed: number): Subject => {
    const instance = context.make<PosEmbed>(seed);
    const inputs = { tokens: randomTensor<tf.Rank.R3>([ROWS, numTokens, embedDim], 7) };
    return {
      instance,
      inputs,
      run: (mode) => ({ tokens: instance.forward(inputs.tokens, mode) }),
      shapes: { tokens: [ROWS, numTokens, embedDim] },
    };
  };
  const contract = { make, detached: context.detached };
  testTensors(contract, context.runner);
  testRecording(contract, context.runner);
}

export function objQueriesContract(context: ContractContext): void {
  const { numTokens, embedDim } = context.dimensions;
  const features = (): tf.Tensor3D => randomTensor([ROWS, numTokens, embedDim], 7);
  const make = (seed: number): Subject => {
    const instance = context.make<ObjQueries>(seed);
    const inputs = { features: features() };
    return {
      instance,
      inputs,
      run: (mode) => ({ queries: instance.queries(inputs.features, mode) }),
      shapes: { queries: [ROWS, instance.numObjects, embedDim] },
      optionalGradients: ['features'], // queries need not depend on the image
    };
  };
  const contract = { make, detached: context.detached };
  testTensors(contract, context.runner);
  testRecording(contract, context.runner);

  context.runner.it('gives as many queries as a call asks for, or refuses in a UsageError', async () => {
    const instance = context.make<ObjQueries>(1);
    const asked = instance.numObjects + 1;
    tf.tidy(() => {
      const input = features();
      let queries: tf.Tensor | undefined;
      const error = thrownBy(() => (queries = instance.queries(input, { training: false, step: 0 }, asked)));
      if (error === null) assertShape(queries!, [ROWS, asked, embedDim], `queries where ${asked} were asked for`);
      else if (!isReportedError(error)) throw error;
    });
    instance.dispose();
  });
}

export function objFnContract(context: ContractContext): void {
  const { numTokens, embedDim } = context.dimensions;
  const inputsOf = (): { queries: tf.Tensor3D; features: tf.Tensor3D } => ({
    queries: randomTensor([ROWS, SLOTS, embedDim], 7),
    features: randomTensor([ROWS, numTokens, embedDim], 8),
  });
  const make = (seed: number): Subject => {
    const instance = context.make<ObjFn>(seed);
    const inputs = inputsOf();
    return {
      instance,
      inputs,
      run: (mode) => ({ slots: instance.forward(inputs.queries, inputs.features, mode).slots }),
      shapes: { slots: [ROWS, SLOTS, embedDim] },
    };
  };
  const contract = { make, detached: context.detached };
  testTensors(contract, context.runner);
  testRecording(contract, context.runner);

  context.runner.it('gives attention maps when asked, and the same slots', async () => {
    const instance = context.make<ObjFn>(1);
    tf.tidy(() => {
      const { queries, features } = inputsOf();
      const plain = instance.forward(queries, features, { training: false, step: 0 });
      assert(plain.attention === undefined, 'Without mode.attention there should be no maps: they cost memory.');
      const asked = instance.forward(queries, features, { training: false, step: 0, attention: true });
      assert(
        asked.attention !== undefined && asked.attention.length > 0,
        'With mode.attention there should be maps, one an iteration or block.',
      );
      asked.attention.forEach((map, i) => {
        assertShape(map, [ROWS, SLOTS, numTokens], `attention map ${i}`);
        assertFinite(map, `Attention map ${i}`);
        assert(tf.min(map).dataSync()[0]! >= 0, `Attention map ${i} has negative values.`);
      });
      asked.slotSelfAttention?.forEach((map, i) => {
        assertShape(map, [ROWS, SLOTS, SLOTS], `attention map ${i} among slots`);
        assertFinite(map, `Attention map ${i} among slots`);
      });
      assert(
        [undefined, 0, asked.attention.length].includes(asked.slotSelfAttention?.length),
        'There should be as many maps among slots as to patch tokens, or none.',
      );
      const away = tf.max(tf.abs(tf.sub(plain.slots, asked.slots))).dataSync()[0]!;
      assert(away < 1e-4, `The slots differ by ${away} when attention is asked for.`);
    });
    instance.dispose();
  });

  context.runner.it('does not mix images: a row depends on its own queries and features only', async () => {
    const instance = context.make<ObjFn>(1);
    tf.tidy(() => {
      const { queries, features } = inputsOf();
      const mode = { training: false, step: 0 };
      const all = instance.forward(queries, features, mode).slots;
      const alone = instance.forward(
        tf.slice(queries, [0, 0, 0], [1, -1, -1]),
        tf.slice(features, [0, 0, 0], [1, -1, -1]),
        mode,
      ).slots;
      assertEqual(alone.shape[0], 1, 'Rows of the slots of one image');
      const away = tf.max(tf.abs(tf.sub(tf.slice(all, [0, 0, 0], [1, -1, -1]), alone))).dataSync()[0]!;
      assert(away < 1e-4, `The first image's slots differ by ${away} when it is alone in the batch.`);
    });
    instance.dispose();
  });
}
