import type { OscConfig } from '../../config';
import type { UntrainedModel } from '../../evaluation';
import { buildSeededModel } from '../../model';
import type { Registry } from '../../registry';
import type { Logger } from '../../sdk';
import { buildObjective } from './build-losses';

/** What it says was said when the model was built that is trained. */
const silent: Logger = { error() {}, warn() {}, info() {}, debug() {} };

/** The model and the losses of a config with the weights that its seed draws: as training finds them. */
export async function buildUntrained(config: OscConfig, registry: Registry, seed: number): Promise<UntrainedModel> {
  const model = await buildSeededModel(config, seed, registry, silent);
  try {
    const objective = await buildObjective(config, registry, model, seed, silent);
    return {
      model,
      masks: objective.maskSources,
      dispose() {
        objective.dispose();
        model.dispose();
      },
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}
