export { compose, type ComposeInput, groupFolders } from './compose';
export { type ChosenComponent, ComposedConfig, componentNode, componentNodes } from './composed-config';
export { type ConfigFile, loadConfigFile } from './file';
export { expandSweep, parseOverrides, printOverride, type Override } from './grammar';
export { configFileSchema } from './json-schema';
export { describeOrigin, displayPath, type Origin } from './origin';
export { readSavedConfig } from './saved-config';
export { type PluginFlags, splitPluginFlags } from './plugin-flags';
export type { OscConfig } from './schema';
