/**
 * What the config needs of the registry, so that neither has to know the other: which components there are, and the
 * manifest (with the options schema) of one.
 */
import type { ComponentManifest } from './component';
import type { ComponentKind } from './kinds';

/** A component as its package's manifest lists it; nothing of it is loaded. */
export interface ComponentEntry {
  readonly kind: ComponentKind;
  readonly name: string;
  readonly aliases: readonly string[];
  /** Of a loss: the key of `losses` that it is for by default. */
  readonly key?: string;
  readonly summary: string;
  readonly packageName: string;
  readonly packageVersion: string;
  /** The `package.json` that lists it. */
  readonly manifestFile: string;
  readonly builtin: boolean;
  /** Found but not enabled components are listed and never executed. */
  readonly enabled: boolean;
}

export interface ComponentCatalog {
  /** All known components, of one kind or of all. */
  entries(kind?: ComponentKind): readonly ComponentEntry[];
  /** The enabled component of that name or alias. */
  lookup(kind: ComponentKind, name: string): ComponentEntry | undefined;
  /**
   * Loads the component's code and gives its manifest.
   * @throws UsageError for an unknown or not enabled name (with near names), or a package that cannot be loaded
   */
  manifest(kind: ComponentKind, name: string): Promise<ComponentManifest>;
}
