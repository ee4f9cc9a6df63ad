import { keysOfKind } from '../config';
import type { Registry } from '../registry';
import { describeOptions, type OptionDescription } from '../registry/describe-options';
import type { ComponentEntry } from '../sdk/catalog';
import { UsageError } from '../sdk/errors';
import type { ComponentKind } from '../sdk/kinds';
import { didYouMean } from '../util/near-names';
import { openRegistry, type RegistryInput } from './open-registry';

export interface InspectPluginInput extends RegistryInput {
  /** Name or alias of the component; its plugin must be enabled. */
  readonly name: string;
  /** Of a name that several kinds have. */
  readonly kind?: ComponentKind | undefined;
}

/** What there is to say of a component. */
export interface Inspection extends ComponentEntry {
  /** What of the reference it is. */
  readonly reference: string | null;
  /** Config keys that choose it. */
  readonly configKeys: readonly string[];
  readonly options: readonly OptionDescription[];
}

/** @throws UsageError for an unknown name, and for one that several kinds have */
export async function inspectPlugin(input: InspectPluginInput): Promise<Inspection> {
  const { name } = input;
  const registry = await openRegistry(input);
  const kind = input.kind ?? kindOf(registry, name);
  const manifest = await registry.manifest(kind, name);
  return {
    ...registry.lookup(kind, name)!,
    reference: manifest.reference ?? null,
    configKeys: keysOfKind(kind),
    options: describeOptions(manifest.options),
  };
}

/** @throws UsageError where several kinds have the name, or none */
function kindOf(registry: Registry, name: string): ComponentKind {
  const entries = registry.entries();
  const named = entries.filter((entry) => entry.name === name || entry.aliases.includes(name));
  const enabled = named.filter((entry) => entry.enabled);
  const kinds = [...new Set((enabled.length > 0 ? enabled : named).map(({ kind }) => kind))];
  if (kinds.length === 1) return kinds[0]!;
  if (kinds.length > 1) {
    throw new UsageError(
      `Several components are named "${name}".`,
      `They are of the kinds ${kinds.join(' and ')}.`,
      kinds.map((kind) => `osc plugins inspect ${name} --kind ${kind}`),
    );
  }
  const names = entries.flatMap((entry) => [entry.name, ...entry.aliases]);
  throw new UsageError(
    `There is no component named "${name}".`,
    didYouMean(name, names, (near) => `"${near}"`),
    ['osc plugins list'],
  );
}
