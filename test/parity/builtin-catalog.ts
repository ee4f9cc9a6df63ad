import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComponentEntry, ComponentKind } from 'osc-trainer/sdk';
import type { Catalog } from './adapter';

/** The built-in components by their manifests: tests are listed before a registry can be opened. */
export function builtinCatalog(): Catalog {
  const plugins = join(__dirname, '../../plugins');
  const entries = readdirSync(plugins).flatMap((folder) => {
    const json = readFileSync(join(plugins, folder, 'package.json'), 'utf8');
    return (JSON.parse(json) as { oscPlugin: { components: ComponentEntry[] } }).oscPlugin.components;
  });
  const lookup = (kind: ComponentKind, name: string): ComponentEntry | undefined =>
    entries.find((entry) => entry.kind === kind && (entry.name === name || entry.aliases?.includes(name)));
  return { registry: { lookup } };
}
