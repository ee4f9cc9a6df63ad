/** What commands that work on a trained model share: its checkpoint, its plugins, its config with changes. */
import { changeSavedConfig, groupFolders, loadConfigFile, splitPluginFlags, type OscConfig } from '../config';
import { Registry } from '../registry';
import { openTrainedModel, type TrainedModel } from '../run';
import type { TrainedInput } from './input';
import { ENGINE_COMPONENTS } from './open-registry';

export interface OpenedTrained {
  readonly trained: TrainedModel;
  readonly config: OscConfig;
  readonly registry: Registry;
  readonly overrides: readonly string[];
}

/**
 * The plugins and the config that the model was trained with, and over them what the input says; of the project's config
 * file only its folders of groups count.
 *
 * @param command the user's, for messages: `osc evaluate`
 * @throws UsageError for what is no model, a checkpoint that is broken, and all that is wrong in flags and overrides
 */
export async function openTrained(input: TrainedInput, command: string): Promise<OpenedTrained> {
  const { cwd = process.cwd(), model, plugins = [], overrides = [] } = input;
  const trained = await openTrainedModel(cwd, model, command);
  const file = await loadConfigFile(cwd);
  const { packages, selections } = splitPluginFlags(plugins);
  const registry = await Registry.open({
    plugins: trained.plugins,
    from: cwd,
    extra: packages,
    own: ENGINE_COMPONENTS,
    cwd,
  });
  const changed = await changeSavedConfig(trained.configFile, {
    catalog: registry,
    folders: groupFolders(file),
    plugins: selections,
    overrides,
  });
  return { trained, config: changed.values, registry, overrides: changed.overrides };
}
