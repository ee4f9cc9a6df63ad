/** What knows how to run a component against a fixture of it. */
import type { ComponentKind } from 'osc-trainer/sdk';
import type { Registry } from '../../src/registry';
import type { Check } from './compare';
import type { Fixture } from './fixture';

export interface Context {
  readonly registry: Registry;
}

/** What tells which components there are. */
export interface Catalog {
  readonly registry: Pick<Registry, 'lookup'>;
}

/** A component of ours. */
export interface Need {
  readonly kind: ComponentKind;
  readonly name: string;
}

/** One family of components. */
export interface Adapter {
  /** The words of the fixture's `component` that it answers to. */
  readonly components: readonly (string | RegExp)[];
  /** Components of ours it needs for this fixture; where one is not there the fixture is skipped by its name. */
  needs?(fixture: Fixture): readonly Need[];
  /** Parts of this fixture that are not compared, with the reason; shown in its line. */
  leavesOut?(fixture: Fixture, catalog: Catalog): string | null;
  run(fixture: Fixture, context: Context): readonly Check[] | Promise<readonly Check[]>;
}

export function handles({ components }: Adapter, component: string): boolean {
  return components.some((known) => (typeof known === 'string' ? known === component : known.test(component)));
}

/** `there is no KIND 'NAME'` for those of `needs` that are not there; null when all are. */
export function missingOf(needs: readonly Need[], { registry }: Catalog): string | null {
  const missing = needs.filter(({ kind, name }) => registry.lookup(kind, name) === undefined);
  return missing.length === 0 ? null : missing.map(({ kind, name }) => `there is no ${kind} '${name}'`).join(', ');
}
