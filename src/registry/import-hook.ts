/** Runs in Node's loader thread: see resolution-hook.ts, which registers it. */
import type { ResolveHook } from 'node:module';
import { pathToFileURL } from 'node:url';
import { isRunningCopy } from '../sdk/running-copies';

/** Any file of this package will do: the running copies are what it would import. */
const HERE = pathToFileURL(__filename).href;

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  if (!isRunningCopy(specifier)) return nextResolve(specifier, context);
  const { url } = await nextResolve(specifier, { ...context, parentURL: HERE });
  return { url, format: 'commonjs', shortCircuit: true };
};
