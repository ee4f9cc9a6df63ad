import type { BrokenPlugin } from '../registry';
import type { ComponentEntry } from '../sdk/catalog';
import { COMPONENT_KINDS, type ComponentKind } from '../sdk/kinds';
import { openRegistryAndFile, type RegistryInput } from './open-registry';

export interface ListPluginsInput extends RegistryInput {
  /** Components of this kind only. */
  readonly kind?: ComponentKind | undefined;
}

export interface ListedPlugins {
  /** By kind; in it enabled ones first, of these built-in ones. */
  readonly components: readonly ComponentEntry[];
  /** Packages that are plugins and cannot be read as such. */
  readonly broken: readonly BrokenPlugin[];
  /** The config file that says which are enabled; null where there is none. */
  readonly configFile: string | null;
}

export async function listPlugins(input: ListPluginsInput): Promise<ListedPlugins> {
  const { file, registry } = await openRegistryAndFile(input);
  const components = [...registry.entries(input.kind)].sort(byKindAndName);
  return { components, broken: registry.brokenPlugins(), configFile: file.path };
}

const kindOrder = (kind: ComponentKind): number => COMPONENT_KINDS.indexOf(kind);

function byKindAndName(a: ComponentEntry, b: ComponentEntry): number {
  return (
    kindOrder(a.kind) - kindOrder(b.kind) ||
    Number(b.enabled) - Number(a.enabled) ||
    Number(b.builtin) - Number(a.builtin) ||
    a.name.localeCompare(b.name)
  );
}
