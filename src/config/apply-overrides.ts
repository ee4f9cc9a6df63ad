/** Sets values of the command line, with Hydra's rules for `=`, `+`, `++` and `~`. */
import type { ComponentCatalog } from '../sdk/catalog';
import { UsageError } from '../sdk/errors';
import { didYouMean } from '../util/near-names';
import { componentKeyAt } from './component-keys';
import { mergeLayer, placeAt, selectComponent } from './component-nodes';
import { defaultsOf } from './defaults';
import { type Override, printOverride } from './grammar';
import { describeOrigin, type Origin, shownText } from './origin';
import { ROOT_DEFAULTS } from './root-defaults';
import { type Branch, find, isBranch, leaves, remove, treeOf, valueOf, wrap } from './tree';
import { describeValue, isMap } from './value';

/** Other names of keys. */
const KEY_ALIASES: Readonly<Record<string, string>> = { 'other.progress': 'other.tqdm' };

export function normaliseKey(override: Override): Override {
  const key = Object.hasOwn(KEY_ALIASES, override.key) ? KEY_ALIASES[override.key] : undefined;
  return key === undefined ? override : { ...override, key };
}

/** In place. @throws UsageError where a key is written under both names */
export function renameAliases(tree: Branch): Branch {
  for (const [alias, key] of Object.entries(KEY_ALIASES)) {
    const node = find(tree, alias);
    if (node === undefined) continue;
    const other = find(tree, key);
    if (other !== undefined) {
      throw new UsageError(
        `${key} has two values: in ${describeOrigin(other.origin)}, and as ${alias} in ${describeOrigin(node.origin)}.`,
      );
    }
    placeAt(tree, key, node);
    remove(tree, alias);
  }
  return tree;
}

/** What an override sets: the same for `model/obj_queries=…` and `model.obj_queries.name=…`. */
export function targetOf({ key, package: pkg, operation }: Override): string {
  return `${operation === 'delete' ? '~' : ''}${key.replaceAll('/', '.').replace(/\.name$/, '')}@${pkg ?? ''}`;
}

/**
 * The overrides without those that are given again.
 *
 * @param note is told of them
 * @throws UsageError for one key that is given two values
 */
export function refuseDoubles(overrides: readonly Override[], note: (text: string) => void): Override[] {
  const seen = new Map<string, number>();
  const repeated = new Set<number>();
  const noted = new Set<string>();
  for (const [index, override] of overrides.entries()) {
    const id = targetOf(override);
    const place = seen.get(id);
    const before = place === undefined ? undefined : overrides[place];
    // +losses=a +losses.l_global.temp=… are different keys; +group=a +group=b would be one group chosen twice
    if (place !== undefined && before && printOverride(before) === printOverride(override)) {
      if (!noted.has(before.text)) {
        note(`The override ${shownText(override.text)} is given more than once: the last one counts.`);
      }
      noted.add(before.text);
      repeated.add(place);
    } else if (before) {
      throw new UsageError(
        `${override.key} is given two values: ${shownText(before.text)} and ${shownText(override.text)}.`,
      );
    }
    seen.set(id, index);
  }
  return overrides.filter((_, index) => !repeated.has(index));
}

/** In place. @throws UsageError for a key that is not there or is already there, where that matters */
export async function applyOverrides(
  tree: Branch,
  overrides: readonly Override[],
  catalog: ComponentCatalog,
): Promise<void> {
  // names of components first: options of the one before may go, and what is written here must not
  const names = overrides.filter((override) => choosesComponent(override));
  for (const override of names) await applySet(tree, override, catalog);
  const others = overrides.filter((override) => !names.includes(override));
  const deletes = others.some(({ operation }) => operation === 'delete');
  const defaults = deletes ? await defaultsOf(tree, catalog) : ROOT_DEFAULTS;
  for (const override of others) {
    if (override.operation === 'delete') applyDelete(tree, defaults, override);
    else await applySet(tree, override, catalog);
  }
}

function choosesComponent({ key, value, operation }: Override): boolean {
  const component = componentKeyAt(key);
  return operation !== 'delete' && component !== undefined && !component.list && typeof value === 'string';
}

async function applySet(tree: Branch, override: Override, catalog: ComponentCatalog): Promise<void> {
  const { key, value, operation, text, float } = override;
  if (value === undefined) return;
  const origin: Origin = { kind: 'override', text };
  const existing = find(tree, key);
  if (operation === 'add' && existing !== undefined && !isMap(value)) {
    throw new UsageError(
      `The override ${shownText(text)} adds ${key}, which is already there (${describeOrigin(existing.origin)}).`,
      'A + before a key adds a new one.',
      [`${key}=…`, `++${key}=…`],
    );
  }
  const component = componentKeyAt(key);
  let obstacle: string | undefined;
  if (component && !component.list && typeof value === 'string') {
    obstacle = await selectComponent(tree, { key: component, name: value, origin }, catalog);
  } else if (isMap(value) && (existing === undefined || isBranch(existing))) {
    const layer = wrap(key, treeOf(value, origin));
    if (isBranch(layer)) mergeLayer(tree, layer);
  } else {
    const node = treeOf(value, origin);
    obstacle = placeAt(tree, key, float && !isBranch(node) ? { ...node, float } : node);
  }
  const inTheWay = obstacle === undefined ? undefined : find(tree, obstacle);
  if (obstacle === undefined || inTheWay === undefined) return;
  const content = describeValue(valueOf(inTheWay));
  throw new UsageError(
    `The override ${shownText(text)} sets ${key}, but ${obstacle} is no map: it is ${content} (${describeOrigin(inTheWay.origin)}).`,
    Array.isArray(valueOf(inTheWay)) ? 'An item of a list cannot be set by itself: write the whole list.' : undefined,
    [`osc config show --package ${obstacle}`],
  );
}

/** What has its default anyhow is not changed by being deleted. */
function applyDelete(tree: Branch, defaults: Branch, { key, value, text }: Override): void {
  const existing = find(tree, key) ?? find(defaults, key);
  if (existing === undefined) {
    const keys = [...leaves(tree), ...leaves(defaults)].map(([name]) => name);
    throw new UsageError(`The override ${shownText(text)} deletes ${key}, which is not there.`, didYouMean(key, keys), [
      'osc config show',
    ]);
  }
  const current = valueOf(existing);
  if (value !== undefined && JSON.stringify(value) !== JSON.stringify(current)) {
    throw new UsageError(
      `The override ${shownText(text)} deletes ${key} if it is ${describeValue(value)}, but it is ${describeValue(current)}.`,
      undefined,
      [`~${key}`],
    );
  }
  remove(tree, key);
}
