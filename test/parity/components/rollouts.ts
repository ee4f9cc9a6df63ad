/** Attention rollouts, as the figures use them. */
import * as tf from '@tensorflow/tfjs-core';
import { crossAttentionRollout, selfAttentionRollout, slotAttentionRollout } from '../../../plugins/rollouts/rollout';
import type { Adapter } from '../adapter';
import { relative, valuesLike } from '../compare';
import type { Fixture } from '../fixture';

const TOLERANCE = 1e-5;

interface Maps {
  readonly backbone: readonly tf.Tensor4D[];
  readonly slots: readonly tf.Tensor3D[];
  /** Of a decoder, mean of the heads. */
  readonly self: readonly tf.Tensor3D[];
  readonly cross: readonly tf.Tensor3D[];
}

/** By the names of the outputs. */
const ROLLOUTS: Readonly<Record<string, (maps: Maps) => tf.Tensor>> = {
  self_full: ({ backbone }) => selfAttentionRollout(backbone),
  self_avgpool: ({ backbone }) => tf.mean(selfAttentionRollout(backbone), 1),
  self_max_noadjust: ({ backbone }) => selfAttentionRollout(backbone, { heads: 'max', residual: false }),
  slot_layer: ({ slots }) => slotAttentionRollout(slots),
  slot_all: ({ slots }) => slotAttentionRollout(slots, 'all'),
  cross: ({ self, cross }) => crossAttentionRollout(self, cross),
};

function mapsOf(fixture: Fixture): Maps {
  const names = [...fixture.tensors.keys()];
  // the reference sorts the names of these two as text
  const sorted = <T extends tf.Tensor>(prefix: string): T[] =>
    names
      .filter((name) => name.startsWith(prefix))
      .sort()
      .map((name) => fixture.tensor<T>(name));
  const meanOfHeads = (suffix: string): tf.Tensor3D[] =>
    names.filter((name) => name.endsWith(suffix)).map((name) => tf.mean(fixture.tensor<tf.Tensor4D>(name), 1));
  return {
    backbone: sorted('inputs.backbone.'),
    slots: sorted('inputs.obj_fn.slot_attn.'),
    self: meanOfHeads('.self_attn'),
    cross: meanOfHeads('.cross_attn'),
  };
}

export const rollouts: Adapter = {
  components: ['attention rollouts (viz)'],
  knows: {
    config: ['B', 'heads'],
    tensors: [
      /^inputs\.backbone\.attn_blocks\.\d+\.attn$/,
      /^inputs\.obj_fn\.(slot_attn\.\d+|attn_blocks\.\d+\.(self|cross)_attn)$/,
      /^outputs\./,
    ],
  },
  run(fixture) {
    const maps = mapsOf(fixture);
    const recorded = [...fixture.group('outputs')].filter(([name]) => name in ROLLOUTS);
    return recorded.map(([name, expected]) => {
      const what = `outputs.${name}`;
      return relative(what, valuesLike(what, ROLLOUTS[name]!(maps), expected), expected.values, TOLERANCE);
    });
  },
};
