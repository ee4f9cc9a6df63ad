/** What commands that work on a trained model share: its checkpoint, its plugins, its config with changes. */
import { changeSavedConfig, groupFolders, loadConfigFile, splitPluginFlags, type OscConfig } from '../config';
import { buildSeededModel, type Model } from '../model';
import type { Registry } from '../registry';
import { openTrainedModel, type TrainedModel } from '../run';
import type { Logger } from '../sdk/logger';
import type { TrainedInput } from './input';
import { requireMeasured } from './require-measured';
import { openRunRegistry } from './run-registry';

export interface OpenedTrained {
  readonly trained: TrainedModel;
  readonly config: OscConfig;
  readonly registry: Registry;
  readonly overrides: readonly string[];
  /** What draws queries in evaluation, among others. */
  readonly seed: number;
}

/**
 * The plugins and the config that the model was trained with, and over them what the input says; of the project's config
 * file only its folders of groups count.
 *
 * @param command the user's, for messages: `osc evaluate`
 * @throws UsageError for what is no model, a checkpoint that is broken, plugins that are not trusted, and all that is wrong in
 *   flags and overrides
 */
export async function openTrained(input: TrainedInput, command: string): Promise<OpenedTrained> {
  const { cwd = process.cwd(), model, weights, plugins = [], overrides = [], trustPlugins } = input;
  const trained = await openTrainedModel(cwd, model, command, weights);
  const file = await loadConfigFile(cwd);
  const { packages, selections } = splitPluginFlags(plugins);
  const registry = await openRunRegistry({ run: trained.home, plugins: trained.plugins, cwd, packages, trustPlugins });
  const changed = await changeSavedConfig(trained.configFile, {
    catalog: registry,
    folders: groupFolders(file),
    plugins: selections,
    overrides,
  });
  for (const note of changed.notes) input.onNote?.(note);
  requireMeasured(changed.values);
  const seed = changed.values.other.seed ?? 0; // a saved config has one, unless an override takes it away
  return { trained, config: changed.values, registry, overrides: changed.overrides, seed };
}

/**
 * The model with its weights, on the engine that is prepared.
 *
 * @throws UsageError for weights that do not fit the config
 */
export async function loadTrained({ trained, config, registry, seed }: OpenedTrained, logger: Logger): Promise<Model> {
  const model = await buildSeededModel(config, seed, registry, logger);
  try {
    model.loadWeights(trained.model, trained.checkpoint);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}
