/** A warning before hours of training in which no slot is left for some object. */
import type { OscConfig } from '../../config';
import { createDataset } from '../../data';
import type { Model } from '../../model';
import type { Registry } from '../../registry';
import type { Logger } from '../../sdk';

/** Warns where an image of the data set may have as many objects as the model has slots, or more: the background needs one too. */
export async function warnOfFewSlots(
  { parts }: Pick<Model, 'parts'>,
  { data: { name, options } }: Pick<OscConfig, 'data'>,
  registry: Pick<Registry, 'create'>,
  logger: Logger,
): Promise<void> {
  const numSlots = parts.objQueries?.numObjects;
  const { maxObjects } = await createDataset(registry, { name, options }, logger);
  if (numSlots === undefined || maxObjects === undefined || numSlots > maxObjects) return;
  logger.warn(
    `The model has ${numSlots} slots, and an image of ${name} up to ${maxObjects} objects and a background: some have to share one. ` +
      `What may help: model.obj_queries.num_objects=${maxObjects + 1}.`,
  );
}
