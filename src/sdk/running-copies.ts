/**
 * A plugin's `osc-trainer/…` and TensorFlow.js are the copies that run, whatever lies in its own `node_modules` and wherever it
 * is linked from: tensors, gradients and backends live in one engine. So such a module is looked up as if this package asked
 * for it, whose `exports` in `package.json` say which entry points there are.
 */
import Module from 'node:module';

const RUNNING_COPIES = /^(osc-trainer|@tensorflow\/tfjs-(core|layers))(\/|$)/;

/** Whether a plugin that asks for `specifier` gets the copy that runs. */
export function isRunningCopy(specifier: string): boolean {
  return RUNNING_COPIES.test(specifier);
}

type Resolve = (this: unknown, request: string, parent: unknown, ...rest: unknown[]) => string;

let hooked = false;

/** For every `require` of this thread, from now on. */
export function requireRunningCopies(): void {
  if (hooked) return;
  hooked = true;
  const internals = Module as unknown as { _resolveFilename: Resolve };
  const original = internals._resolveFilename;
  internals._resolveFilename = function (request, parent, ...rest) {
    return original.call(this, request, isRunningCopy(request) ? module : parent, ...rest);
  };
}
