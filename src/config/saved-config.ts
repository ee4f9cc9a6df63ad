/** The config of a run, as it was saved, with what may be changed of it. */
import type { ComponentCatalog } from '../sdk/catalog';
import { UsageError } from '../sdk/errors';
import { applyOverrides, normaliseKey, refuseDoubles } from './apply-overrides';
import { mergeLayer } from './component-nodes';
import { refuseFlagAndGroup, refuseSweeps, splitOverrides } from './split-overrides';
import { composeChoices } from './defaults-list';
import { parseOverrides, printOverride } from './grammar';
import type { GroupFolders } from './groups';
import { interpolate } from './interpolation';
import { refuseMissing } from './missing';
import { applyPluginFlags, resolvePluginFlags } from './plugin-flags';
import type { OscConfig } from './schema';
import { selectionOfOverride, translateHydra } from './selection';
import { copy, originOf, valueOf } from './tree';
import { validateConfig } from './validate';
import { readYamlFile } from './yaml';
import { shownText } from './origin';

/** What a saved config is read for, and what of it may then be changed. */
const USES = {
  /** Neither decides the steps done so far nor what they were computed from. */
  resume: {
    changeable: [
      'training.num_epochs',
      'training.checkpoint_interval',
      'training.checkpoint_steps',
      'training.keep_checkpoints',
      'data.num_workers',
      'data.viz',
      'data.test',
      'engine',
      'logging',
      'other.tqdm',
    ],
    why: 'The steps done so far depend on the rest of the config.',
  },
  /** Where it runs and what is told of it. */
  replay: {
    changeable: ['data.num_workers', 'engine', 'logging', 'other.tqdm'],
    why: 'A run is repeated as it was.',
  },
  /** How the jobs of a sweep are started. */
  sweep: {
    changeable: ['launcher'],
    why: 'The jobs of a sweep are those that were asked for when it was started.',
  },
} as const;

/** A saved config with its changes. */
export interface SavedConfig {
  readonly values: OscConfig;
  readonly overrides: readonly string[];
  /** What a user should know, though it is no mistake. */
  readonly notes: readonly string[];
}

/**
 * The config of a run that is resumed or replayed: only keys that leave what was or will be computed as it was may be changed.
 *
 * @param file `config.yaml` of a run directory
 * @throws UsageError for a file that is no saved config, and for overrides of anything but what {@link USES} names
 */
export async function readSavedConfig(
  file: string,
  catalog: ComponentCatalog,
  overrides: readonly string[],
  use: keyof typeof USES = 'resume',
): Promise<SavedConfig> {
  const { changeable, why } = USES[use];
  const { tree } = readYamlFile(file, 'file');
  const notes: string[] = [];
  const given = parseOverrides(overrides).map(translateHydra).map(normaliseKey);
  const parsed = refuseDoubles(given, (text) => notes.push(text));
  for (const { key, text, sweep } of parsed) {
    const fixed = !changeable.some((allowed) => key === allowed || key.startsWith(`${allowed}.`));
    if (fixed || sweep !== undefined) {
      throw new UsageError(
        `The override ${shownText(text)} cannot be used with ${use === 'sweep' ? '--multirun --resume' : `--${use}`}.`,
        `${why} What may be changed: ${changeable.join(', ')}.`,
        [`osc train ${overrides.join(' ')}    (a new run)`],
      );
    }
  }
  await applyOverrides(tree, parsed, catalog);
  refuseMissing(tree);
  const { config } = await validateConfig(valueOf(tree), {
    catalog,
    file,
    originOf: (key) => originOf(tree, key),
  });
  return { values: config, overrides: parsed.map((override) => printOverride(override)), notes };
}

export interface SavedConfigChanges {
  readonly catalog: ComponentCatalog;
  readonly folders: GroupFolders;
  /** Values of `--plugin` that choose components. */
  readonly plugins: readonly string[];
  /** Anything `osc train` takes: choices of groups, which are merged over what was saved, and values. */
  readonly overrides: readonly string[];
}

/**
 * The config of a model that is trained: all may be changed, the weights tell whether they still fit.
 *
 * @param file `config.yaml` of a run directory or of an imported checkpoint
 * @throws UsageError for a file that is no saved config, and for anything wrong in flags and overrides
 */
export async function changeSavedConfig(
  file: string,
  { catalog, folders, plugins, overrides }: SavedConfigChanges,
): Promise<SavedConfig> {
  const { tree } = readYamlFile(file, 'file');
  const given = parseOverrides(overrides).map(translateHydra).map(normaliseKey);
  refuseSweeps(given);
  const notes: string[] = [];
  const parsed = refuseDoubles(given, (text) => notes.push(text));
  const { groups, values: changes } = splitOverrides(parsed, folders, catalog);
  const flags = resolvePluginFlags(plugins, catalog);
  refuseFlagAndGroup(flags, groups);
  for (const part of composeChoices(
    folders,
    groups.map((override) => selectionOfOverride(override, 1)),
  )) {
    mergeLayer(tree, copy(part));
  }
  await applyPluginFlags(tree, flags, catalog);
  await applyOverrides(tree, changes, catalog);
  refuseMissing(tree);
  await interpolate(tree, catalog);
  const { config } = await validateConfig(valueOf(tree), {
    catalog,
    file,
    groups: folders.groups,
    originOf: (key) => originOf(tree, key),
  });
  return { values: config, overrides: parsed.map((override) => printOverride(override)), notes };
}
