/** Makes plugins run on the running copies of the SDK and of TensorFlow.js: see docs/decisions/registry.md. */
import { register } from 'node:module';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireRunningCopies } from '../sdk/running-copies';

/** Under jest the TypeScript sources run, and jest.config.mjs maps the SDK: Node's resolution takes no part. */
const FROM_SOURCE = extname(__filename) === '.ts';

let importHooked = false;

/**
 * For every `require` of this thread from now on, and where wanted for every `import`: that starts Node's loader thread, so only
 * third-party packages ask for it.
 */
export function useRunningCopies(forImport: boolean): void {
  if (FROM_SOURCE) return;
  requireRunningCopies();
  if (!forImport || importHooked) return;
  importHooked = true;
  register(pathToFileURL(join(__dirname, 'import-hook.js')));
}
