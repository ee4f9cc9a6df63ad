import * as tf from '@tensorflow/tfjs-core';
import type { Loss, ModelOutputs } from 'osc-trainer/sdk';
import { l2Normalize, matchSlots } from 'osc-trainer/sdk/ops';
import { lossInputs } from 'osc-trainer/sdk/testing';
import type { Adapter } from '../adapter';
import { exact, largest, type Check } from '../compare';
import type { Fixture } from '../fixture';
import { checkForwardAndGradients } from '../gradients';
import { SCALAR_L, tensorsWith } from './modules';

/** Which representation a loss reads. */
type LossKey = 'l_global' | 'l_objects';

/** The component's words, what it is here, and which inputs are its projections and its features. */
const LOSSES: Readonly<Record<string, { key: LossKey; name: string; projections: string; features: string }>> = {
  'contrastive_loss (ctr)': { key: 'l_global', name: 'ctr', projections: 'projs', features: 'projs' },
  'cosine_sim_loss (sim)': { key: 'l_global', name: 'sim', projections: 'projs', features: 'feats' },
  'matching_contrastive_loss_per_img (ctr_img)': {
    key: 'l_objects',
    name: 'ctr_img',
    projections: 'slots',
    features: 'slots',
  },
  'matching_contrastive_loss (ctr_all)': {
    key: 'l_objects',
    name: 'ctr_all',
    projections: 'slots',
    features: 'slots',
  },
  'matching_similarity_loss_per_img (sim_img)': { key: 'l_objects', name: 'sim_img', projections: 'p', features: 'f' },
};

export const losses: Adapter = {
  components: Object.keys(LOSSES),
  knows: { config: ['temp'], tensors: tensorsWith('projs', 'feats', 'slots', 'f', 'p'), scalars: SCALAR_L },
  leavesOut: (fixture) => (isTie(fixture) ? 'outputs.match_cols, as all slots are alike' : null),
  needs: (fixture) => [{ kind: 'loss', name: LOSSES[fixture.component]!.name }],
  async run(fixture, { registry }) {
    const { key, name, projections, features } = LOSSES[fixture.component]!;
    const loss = await registry.create<Loss>('loss', name, { options: fixture.config });
    const checks = checkForwardAndGradients({
      module: null,
      fixture,
      forward: (inputs) => {
        const batch = lossInputs(outputsOf(key, inputs.get(features)!, inputs.get(projections)!));
        return {
          mean: loss.compute(batch, 'mean'),
          sum: loss.compute(batch, 'sum'),
          none: loss.compute(batch, 'none'),
        };
      },
    });
    return fixture.has('outputs.match_cols') && !isTie(fixture) ? [...checks, checkMatches(fixture)] : checks;
  },
};

/** The part of a model's outputs that a loss for this key may read. */
function outputsOf(key: LossKey, features: tf.Tensor, projections: tf.Tensor): ModelOutputs {
  const global = key === 'l_global';
  const empty = tf.zeros([2, 0]) as tf.Tensor2D;
  return {
    fBackbone: tf.zeros([2, 0, 0]),
    fGlobal: global ? (features as tf.Tensor2D) : empty,
    pGlobal: global ? (projections as tf.Tensor2D) : empty,
    fSlots: global ? null : (features as tf.Tensor3D),
    pSlots: global ? null : (projections as tf.Tensor3D),
  };
}

/** Of slots of view 0 and slots of view 1. */
function cosinesOf(fixture: Fixture): tf.Tensor3D {
  const { features } = LOSSES[fixture.component]!;
  const [view0, view1] = tf.split(l2Normalize(fixture.tensor<tf.Tensor3D>(`inputs.${features}`)), 2);
  return tf.matMul(view0!, tf.transpose(view1!, [0, 2, 1])) as tf.Tensor3D;
}

/** Where all slots are alike every matching is as good (docs/reference.md, "How exact"). */
function isTie(fixture: Fixture): boolean {
  if (!fixture.has('outputs.match_cols') || fixture.get('outputs.match_cols').shape[1] === 1) return false;
  return tf.tidy(() => {
    const cosines = cosinesOf(fixture);
    return largest(tf.sub(cosines, tf.mean(cosines, [1, 2], true)).dataSync()) < 1e-6;
  });
}

function checkMatches(fixture: Fixture): Check {
  const { ofView0 } = matchSlots(cosinesOf(fixture));
  return exact('outputs.match_cols', ofView0, fixture.get('outputs.match_cols').values);
}
