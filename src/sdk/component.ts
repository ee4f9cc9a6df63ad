import 'reflect-metadata';
import { inject, injectable } from 'tsyringe';
import type { z } from 'zod';
import type { ComponentKind } from './kinds';

/** What a component says of itself. The config, error messages, JSON Schema, `osc plugins inspect` and docs use it. */
export interface ComponentManifest {
  readonly kind: ComponentKind;
  /** The name the config chooses it by. */
  readonly name: string;
  /** One line, no full stop needed. */
  readonly summary: string;
  /** Strict schema of the options with a default and a description (`.describe()`) for every key. */
  readonly options: z.ZodObject;
  /** Other names that choose it. */
  readonly aliases?: readonly string[];
  /** Of a loss: the key of `losses` that `--plugin NAME` puts it at, e.g. `l_objects`. */
  readonly key?: string;
  /** Options in a short run that tries everything out (`other.debug=true`): what else would take minutes. */
  readonly debug?: Readonly<Record<string, unknown>>;
  /** Where it comes from: the paper, and the file of the reference. */
  readonly reference?: string;
}

/** A class decorated with {@link component}. Its constructor is called by the container. */
export type ComponentClass<T = object> = new (...args: never[]) => T;

const MANIFEST = Symbol.for('osc:manifest');

/**
 * Declares a class to be a component: stores its manifest and makes it injectable.
 *
 * @example
 * ```ts
 * const schema = z.strictObject({ num_objects: z.int().positive().default(11).describe('slots per image') });
 *
 * @component({ kind: 'obj_queries', name: 'zeros', summary: 'Every query starts at zero', options: schema })
 * export class ZeroQueries extends Module implements ObjQueries {
 *   constructor(@inject(OPTIONS) private readonly options: z.infer<typeof schema>) { super(); }
 *   …
 * }
 * ```
 *
 * @param tokens what the constructor's parameters are, in order: for authors in plain JavaScript, where a parameter
 *   cannot be decorated with `@inject` (`component({ … }, [OPTIONS])(ZeroQueries)`)
 */
export function component(manifest: ComponentManifest, tokens: readonly symbol[] = []): ClassDecorator {
  return (target) => {
    tokens.forEach((token, position) => inject(token)(target, undefined, position));
    inheritTokens(target);
    Reflect.defineMetadata(MANIFEST, manifest, target);
    injectable()(target as never);
  };
}

/** Where tsyringe's `@inject` keeps the tokens of a constructor's parameters, by position. */
const INJECTION_TOKENS = 'injectionTokens';

/** What the parameters of a component's constructor ask for, by position. */
export function injectedTokens(componentClass: object): readonly (readonly [position: number, token: unknown])[] {
  const asked = (Reflect.getOwnMetadata(INJECTION_TOKENS, componentClass) ?? {}) as Record<string, unknown>;
  return Object.entries(asked).map(([position, asks]) => [
    Number(position),
    // tsyringe wraps a token together with how it is asked for
    typeof asks === 'object' && asks !== null && 'token' in asks ? asks.token : asks,
  ]);
}

/** A component that extends another without a constructor of its own has that one's parameters, also for tsyringe. */
function inheritTokens(target: object & { readonly length: number }): void {
  if (target.length > 0 || Reflect.hasOwnMetadata(INJECTION_TOKENS, target)) return;
  const inherited = Reflect.getMetadata(INJECTION_TOKENS, target) as object | undefined;
  if (inherited !== undefined) Reflect.defineMetadata(INJECTION_TOKENS, inherited, target);
}

/** The manifest of a component class, or undefined for anything else. */
export function manifestOf(value: unknown): ComponentManifest | undefined {
  if (typeof value !== 'function') return undefined;
  return Reflect.getOwnMetadata(MANIFEST, value) as ComponentManifest | undefined;
}
