import type { ComponentClass } from '../../component';
import type { Dimensions } from '../../contracts/model';
import { createForTest, dimensionsFor, type TestSetup } from '../create-for-test';
import type { Runner } from '../runner';

/** What a contract works with. */
export interface ContractContext {
  readonly componentClass: ComponentClass;
  readonly dimensions: Dimensions;
  /** Names of parameters (and inputs) that get no gradient by design. */
  readonly detached: readonly string[];
  readonly runner: Runner;
  /** A fresh instance. */
  make<T>(seed: number, provide?: ReadonlyMap<symbol, unknown>): T;
}

export function contextOf(
  componentClass: ComponentClass,
  setup: TestSetup,
  detached: readonly string[],
  runner: Runner,
): ContractContext {
  return {
    componentClass,
    dimensions: dimensionsFor(componentClass, setup),
    detached,
    runner,
    make: (seed, provide) =>
      createForTest(componentClass, {
        ...setup,
        seed,
        provide: new Map([...(provide ?? []), ...(setup.provide ?? [])]),
      }),
  };
}
