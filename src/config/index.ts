/** Putting a config together and checking it: groups, config file, flags, overrides. */
export { keysOfKind } from './component-keys';
export { compose, type ComposeInput, Composer, type ComposerInput, defaultChoices, groupFolders } from './compose';
export { normaliseKey, targetOf } from './apply-overrides';
export type { GroupFolders } from './groups';
export { translateHydra } from './selection';
export { SEEDS } from './split-overrides';
export type { ChosenComponent } from './component-schema';
export { ComposedConfig } from './composed-config';
export { type ConfigFile, loadConfigFile } from './file';
export {
  type Choice,
  globNames,
  type Override,
  parseOverrides,
  printHead,
  printOverride,
  printTyped,
  type Sweep,
} from './grammar';
export { configFileSchema, type JsonSchema } from './json-schema';
export { parseOptionList } from './option-list';
export { describeOrigin, displayPath, type Origin, shownText } from './origin';
export { changeSavedConfig, readSavedConfig, type SavedConfigChanges } from './saved-config';
export { type PluginFlags, resolvePluginFlags, splitPluginFlags } from './plugin-flags';
export type { OscConfig } from './schema';
export { printConfig, readModel, writtenConfig } from './written-config';
