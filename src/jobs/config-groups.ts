import { defaultChoices, groupFolders } from '../config';
import { loadConfigFile } from '../config/file';
import type { FolderInput } from './input';

export interface ConfigGroupsInput extends FolderInput {
  /** This group only. */
  readonly group?: string | undefined;
}

export interface ConfigGroup {
  readonly group: string;
  /** The choice of the default config; null where it does not use the group. */
  readonly default: string | null;
  readonly choices: readonly { readonly name: string; readonly file: string }[];
}

/** @throws UsageError for a group that there is not */
export async function configGroups({ cwd = process.cwd(), group }: ConfigGroupsInput): Promise<ConfigGroup[]> {
  const file = await loadConfigFile(cwd);
  const folders = groupFolders(file);
  const defaults = defaultChoices(file);
  if (group !== undefined && !folders.has(group)) throw folders.missing(group, '', { kind: 'override', text: group });
  return (group === undefined ? folders.groups : [group]).map((name) => ({
    group: name,
    default: defaults[name] ?? null,
    choices: Array.from(folders.choices(name), ([choice, path]) => ({ name: choice, file: path })),
  }));
}
