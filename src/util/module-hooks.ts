/** Says which file a `require` means, in place of Node or before it. */
import Module from 'node:module';

/**
 * Shaped like the hooks of `import` (`ResolveHook` of node:module).
 *
 * @param request what is asked for: a name or a path
 * @param importer the module that asks
 * @param next what Node, or the hook before, makes of it
 * @returns the absolute path of the file
 */
export type RequireHook = (
  request: string,
  importer: NodeJS.Module | undefined,
  next: (request: string, importer: NodeJS.Module | undefined) => string,
) => string;

type ResolveFilename = (
  this: unknown,
  request: string,
  importer: NodeJS.Module | undefined,
  ...rest: unknown[]
) => string;

/**
 * From now on every `require` of this thread asks `hook` first, the newest hook before older ones. Node has no public way for this
 * before `module.registerHooks` (22.15).
 */
export function hookRequire(hook: RequireHook): void {
  const internals = Module as unknown as { _resolveFilename: ResolveFilename };
  const before = internals._resolveFilename;
  internals._resolveFilename = function (request, importer, ...rest) {
    return hook(request, importer, (name, from) => before.call(this, name, from, ...rest));
  };
}
