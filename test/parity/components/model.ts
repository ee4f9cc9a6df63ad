import type * as tf from '@tensorflow/tfjs-core';
import type { Adapter } from '../adapter';
import { checkForwardAndGradients, MODEL_TOLERANCES } from '../gradients';
import { checkSize, MODEL_OPTIONS, modelOf, needsOf, objectiveOf, type ModelFixture } from './build';
import { randomOfQueries } from './recorded-draws';
import { EVALUATION, tensorsWith } from './modules';

/** Complete models: outputs, losses, and gradients of the total loss. */
export const model: Adapter = {
  components: ['Model + losses (gradient of loss_total, cotangent 1)'],
  knows: {
    config: MODEL_OPTIONS,
    tensors: tensorsWith('images', 'init_idx', 'noise', 'component_idx'),
    scalars: ['loss_total'],
  },
  needs: (fixture) => needsOf(fixture.config as unknown as ModelFixture),
  async run(fixture, context) {
    const config = fixture.config as unknown as ModelFixture;
    checkSize(fixture.get('inputs.images'), config.data.crop_size);
    const module = await modelOf(config, context, randomOfQueries(fixture));
    const objective = await objectiveOf(config, context);
    return checkForwardAndGradients({
      module,
      fixture,
      tolerances: MODEL_TOLERANCES,
      scalarLoss: 'loss_total',
      forward: (inputs) => {
        const images = inputs.get('images') as tf.Tensor4D;
        const outputs = module.forward(images, EVALUATION);
        const { total, losses } = objective.means({ outputs, images, mode: EVALUATION });
        const named: Record<string, tf.Tensor | null> = {
          loss_total: total,
          ...Object.fromEntries(losses),
          f_backbone: outputs.fBackbone,
          f_global: outputs.fGlobal,
          p_global: outputs.pGlobal,
          f_slots: outputs.fSlots,
          p_slots: outputs.pSlots,
        };
        return Object.fromEntries(Object.entries(named).filter(([, output]) => output !== null)) as Record<
          string,
          tf.Tensor
        >;
      },
    });
  },
};
