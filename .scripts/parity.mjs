// Runs test/parity/main.ts in plain node on the built dist/: its TypeScript is compiled as it is loaded, and what it
// imports of src/ and plugins/ is taken from dist/.
import { existsSync, readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = { src: 'dist', plugins: 'dist/plugins' };
const tests = join(root, 'test') + sep;
if (!existsSync(join(root, 'dist'))) {
  console.error('There is no dist/: run `npm run build` first.');
  process.exit(2);
}

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  if (request.startsWith('.') && parent?.filename?.startsWith(tests)) {
    const [folder, ...path] = relative(root, resolve(dirname(parent.filename), request)).split(sep);
    if (folder in built) request = join(root, built[folder], ...path);
  }
  return resolveFilename.call(this, request, parent, ...rest);
};
Module._extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, sourceMaps: 'inline' });
  module._compile(code, filename);
};
createRequire(import.meta.url)(join(tests, 'parity/main.ts'));
