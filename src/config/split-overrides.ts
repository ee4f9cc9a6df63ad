/** What the overrides of a command line are: choices of groups, values, or what a sweep is to try. */
import type { ComponentCatalog } from '../sdk/catalog';
import { UsageError } from '../sdk/errors';
import { shellWord } from '../util/text';
import { COMPONENT_KEYS, componentKeyAt } from './component-keys';
import { packageOf } from './defaults-list';
import type { Override } from './grammar';
import type { GroupFolders } from './groups';
import { describeOrigin, type Origin, shownText } from './origin';
import { type PluginSelection, unknownComponent } from './plugin-flags';
import { rootSchema } from './schema';
import { schemaAt } from './schema-walk';
import { isMap } from './value';

/** Short, in sweeps, for the seeds of a run. */
export const SEEDS = 'seeds';

/** What several jobs are to try is no value. @throws UsageError */
export function refuseSweeps(overrides: readonly Override[]): void {
  const override = overrides.find(({ sweep, key }) => sweep !== undefined || key === SEEDS);
  if (!override) return;
  const { sweep, key, text } = override;
  const shown = `The override ${shownText(text)}`;
  const value = text.slice(text.indexOf('=') + 1);
  const multirun = `osc train --multirun ${shellWord(text)}`;
  if (sweep === undefined) {
    throw new UsageError(`${shown} gives the seeds of a sweep.`, 'A sweep is started with --multirun (-m).', [
      multirun,
      `other.seed=${value} data.train.seed=${value}, for one run`,
    ]);
  }
  const what = { choices: 'several values', interval: 'an interval', glob: 'a pattern' }[sweep.kind];
  throw new UsageError(
    `${shown} gives ${what} for ${key}.`,
    'That is a sweep, which is started with --multirun (-m).',
    [
      multirun,
      ...(sweep.kind === 'choices' ? [`${key}=[${value}] for a list`] : []),
      `quotes, '…', for text with a comma or parentheses`,
    ],
  );
}

/** Which overrides choose groups, and which set values. */
export function splitOverrides(
  overrides: readonly Override[],
  folders: GroupFolders,
  catalog: ComponentCatalog,
): { groups: Override[]; values: Override[] } {
  const groups: Override[] = [];
  const values: Override[] = [];
  for (const override of overrides) {
    const isGroup = folders.has(override.key) || override.key.includes('/') || override.package !== undefined;
    if (!isGroup || isMap(override.value)) values.push(override);
    else if (override.operation === 'force' && !override.key.includes('/') && isSection(override.key)) {
      values.push(override);
    } else {
      const component = withoutFile(override, folders, catalog);
      if (component) values.push(component);
      else groups.push(override);
    }
  }
  return { groups, values };
}

function isSection(key: string): boolean {
  return schemaAt(rootSchema, [key]) !== undefined && COMPONENT_KEYS.some((component) => component.key === key);
}

/** `model/obj_queries=NAME` for a component that has no file in the group (of a plugin, say) chooses it all the same. */
function withoutFile(override: Override, folders: GroupFolders, catalog: ComponentCatalog): Override | undefined {
  const { value, key, operation } = override;
  if (typeof value !== 'string' || operation === 'delete' || override.package !== undefined) return undefined;
  const component = componentKeyAt(packageOf(key));
  if (!component || component.list || folders.find(key, value) !== undefined) return undefined;
  const exists = component.keywords.includes(value) || catalog.lookup(component.kind, value);
  if (exists) return { ...override, key: component.key, operation: 'set' };
  const origin: Origin = { kind: 'override', text: override.text };
  if (!folders.has(key))
    throw unknownComponent({ name: value, key: component, place: describeOrigin(origin), catalog });
  const entries = catalog.entries(component.kind).filter(({ enabled }) => enabled);
  throw folders.missing(key, value, origin, [...entries.map(({ name }) => name), ...component.keywords]);
}

export function refuseFlagAndGroup(flags: readonly PluginSelection[], groups: readonly Override[]): void {
  for (const flag of flags) {
    const group = groups.find(
      (override) => packageOf(override.key) === flag.key.key && override.operation !== 'delete',
    );
    if (!group || flag.origin.kind !== 'flag') continue;
    throw new UsageError(
      `${flag.key.key} has two values: one by the flag ${shownText(flag.origin.text)}, one by the override ${shownText(group.text)}.`,
    );
  }
}
