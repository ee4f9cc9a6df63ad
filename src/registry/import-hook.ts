/** Runs in Node's loader thread: see resolution-hook.ts, which registers it. */
import type { InitializeHook, ResolveHook } from 'node:module';

let shared: ReadonlyMap<string, string> = new Map();

export const initialize: InitializeHook<readonly (readonly [string, string])[]> = (urls) => {
  shared = new Map(urls);
};

export const resolve: ResolveHook = (specifier, context, nextResolve) => {
  const url = shared.get(specifier);
  return url === undefined ? nextResolve(specifier, context) : { url, format: 'commonjs', shortCircuit: true };
};
