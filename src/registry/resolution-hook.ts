/**
 * Makes plugins run on the running copies of the SDK and of TensorFlow.js (DESIGN 3). Without this a plugin that is
 * linked from elsewhere, or has an `osc-trainer` in its own node_modules, would get a second TensorFlow.js whose tensors
 * and backends know nothing of the first one's.
 */
import Module, { createRequire, register } from 'node:module';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Under jest the TypeScript sources run, and jest.config.ts maps the SDK: Node's resolution takes no part. */
const FROM_SOURCE = extname(__filename) === '.ts';

/** File by specifier. */
function sharedModules(): Map<string, string> {
  const require = createRequire(__filename);
  const sdk = join(__dirname, '../sdk');
  return new Map<string, string>([
    ['osc-trainer/sdk', join(sdk, 'index.js')],
    ['osc-trainer/sdk/testing', join(sdk, 'testing/index.js')],
    ...['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'].map((name) => [name, require.resolve(name)] as const),
  ]);
}

type Resolve = (this: unknown, request: string, ...rest: unknown[]) => string;

let requireHooked = false;
let importHooked = false;

/** For `require`, in this thread. */
export function hookRequire(): void {
  if (requireHooked || FROM_SOURCE) return;
  requireHooked = true;
  const shared = sharedModules();
  const internals = Module as unknown as { _resolveFilename: Resolve };
  const original = internals._resolveFilename;
  internals._resolveFilename = function (request, ...rest) {
    return shared.get(request) ?? original.call(this, request, ...rest);
  };
}

/** For `import`, in this thread. It starts Node's loader thread, so only third-party packages ask for it. */
export function hookImport(): void {
  if (importHooked || FROM_SOURCE) return;
  importHooked = true;
  const urls = [...sharedModules()].map(([specifier, file]) => [specifier, pathToFileURL(file).href] as const);
  register(pathToFileURL(join(__dirname, 'import-hook.js')), { data: urls });
}
