/** What knows how to run a component against a fixture of it. */
import type { ComponentKind } from 'osc-trainer/sdk';
import type { Registry } from '../../src/registry';
import type { Check } from './compare';
import type { Fixture } from './fixture';

export interface Context {
  readonly registry: Registry;
}

/** A component of ours. */
export interface Need {
  readonly kind: ComponentKind;
  readonly name: string;
}

/** What an adapter heeds, compares or checks. A fixture with another option or tensor fails; another scalar is named. */
export interface Known {
  /** By their places (`data.crop_size`); what is below a place is checked by the schema of a component. */
  readonly config: readonly string[];
  /** By their whole names (`inputs.x`). */
  readonly tensors: readonly (string | RegExp)[];
  readonly scalars?: readonly (string | RegExp)[];
}

/** One family of components. */
export interface Adapter {
  /** The words of the fixture's `component` that it answers to. */
  readonly components: readonly (string | RegExp)[];
  readonly knows: Known;
  /** Components of ours it needs for this fixture, which fails by the name of one that is not there. */
  needs?(fixture: Fixture): readonly Need[];
  /** Outputs of this fixture that are not compared, with the reason; shown in its line. */
  leavesOut?(fixture: Fixture): string | null;
  run(fixture: Fixture, context: Context): readonly Check[] | Promise<readonly Check[]>;
}

export function handles({ components }: Adapter, component: string): boolean {
  return components.some((known) => (typeof known === 'string' ? known === component : known.test(component)));
}

/** `there is no KIND 'NAME'` for those of `needs` that are not there; null when all are. */
export function missingOf(needs: readonly Need[], { registry }: Context): string | null {
  const missing = needs.filter(({ kind, name }) => registry.lookup(kind, name) === undefined);
  return missing.length === 0 ? null : missing.map(({ kind, name }) => `there is no ${kind} '${name}'`).join(', ');
}
