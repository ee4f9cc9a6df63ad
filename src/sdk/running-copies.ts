/**
 * A plugin's `osc-trainer/…` and TensorFlow.js are the copies that run, whatever lies in its own `node_modules` and wherever it
 * is linked from: tensors, gradients and backends live in one engine. So such a module is looked up as if this package asked
 * for it, whose `exports` in `package.json` say which entry points there are.
 */
import { hookRequire } from '../util/module-hooks';

const RUNNING_COPIES = /^(osc-trainer|@tensorflow\/tfjs-(core|layers))(\/|$)/;

/** Whether a plugin that asks for `specifier` gets the copy that runs. */
export function isRunningCopy(specifier: string): boolean {
  return RUNNING_COPIES.test(specifier);
}

let hooked = false;

/** For every `require` of this thread, from now on. */
export function requireRunningCopies(): void {
  if (hooked) return;
  hooked = true;
  hookRequire((request, importer, next) => next(request, isRunningCopy(request) ? module : importer));
}
