/** The losses of a config, with what their constructors may ask for. */
import type { OscConfig } from '../../config';
import type { Model } from '../../model';
import type { Registry } from '../../registry';
import { DIMENSIONS, LOGGER, NORMALIZATION, RANDOM, RandomSource, UsageError, type Logger, type Loss } from '../../sdk';
import { Objective, type WeightedLoss } from '../../training';

/** @throws UsageError for a loss that needs slots where the model has none */
export async function buildObjective(
  config: OscConfig,
  registry: Registry,
  model: Pick<Model, 'dimensions' | 'usesObjects'>,
  seed: number,
  logger: Logger,
): Promise<Objective> {
  const random = new RandomSource(seed).scope('losses');
  const losses: WeightedLoss[] = [];
  for (const [key, node] of Object.entries(config.losses)) {
    if (node === null) continue;
    const loss = await registry.create<Loss>('loss', node.name, {
      options: node.options,
      provide: new Map<symbol, unknown>([
        [DIMENSIONS, model.dimensions],
        [NORMALIZATION, config.data.normalize],
        [RANDOM, random.scope(key)],
        [LOGGER, logger],
      ]),
    });
    if (loss.usesObjects && !model.usesObjects) {
      throw new UsageError(
        `The loss ${node.name} needs slots, and the architecture ${config.model.architecture.name} has none.`,
        undefined,
        [`losses.${key}=null`, 'model=vit_obj_global'],
      );
    }
    const entry = registry.lookup('loss', node.name);
    const packageName = entry?.builtin === false ? entry.packageName : null;
    losses.push({ key, loss, weight: node.weight, packageName });
  }
  return new Objective(losses);
}
