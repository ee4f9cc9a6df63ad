import { rootSchema } from './schema';
import type { Origin } from './origin';
import { ownDefault, shapeOf } from './schema-walk';
import { branch, type Branch, treeOf } from './tree';
import { toValue } from './value';

const ORIGIN: Origin = { kind: 'default' };

/** What the root schema says of the keys that are written nowhere. */
export const ROOT_DEFAULTS: Branch = branchOf(rootSchema);

function branchOf(schema: Parameters<typeof shapeOf>[0]): Branch {
  const defaults = branch(ORIGIN);
  for (const [name, child] of Object.entries(shapeOf(schema) ?? {})) {
    const written = ownDefault(child);
    const below = shapeOf(child) === undefined ? undefined : branchOf(child);
    if (typeof written === 'string' && below !== undefined && below.children.size > 0) {
      // a component by its name, beside keys of the parent
      below.children.set('name', { origin: ORIGIN, value: written });
      defaults.children.set(name, below);
    } else if (written !== undefined) defaults.children.set(name, treeOf(toValue(written, refuse), ORIGIN));
    else if (below !== undefined) defaults.children.set(name, below);
  }
  return defaults;
}

function refuse(key: string): never {
  throw new Error(`The default of ${key} is no data.`);
}
