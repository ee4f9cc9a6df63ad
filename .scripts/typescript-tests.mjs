// Runs TypeScript of test/ in plain node on the built dist/: it is compiled as it is loaded, and what it imports of src/
// and plugins/ is taken from dist/.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const built = { src: 'dist', plugins: 'dist/plugins' };
const tests = join(root, 'test') + sep;
const cache = join(root, 'node_modules/.cache/osc-tests');

/** JavaScript of a file. Kept on disk: a process that finds it there does not load the compiler and its 30 MB. */
function compile(filename) {
  const source = readFileSync(filename, 'utf8');
  const file = join(cache, `${createHash('sha256').update(filename).update(source).digest('hex')}.js`);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const { code } = require('@swc/core').transformSync(source, { filename, sourceMaps: 'inline' });
  mkdirSync(cache, { recursive: true });
  writeFileSync(file, code);
  return code;
}

/** Compiles what a folder holds ahead of time. */
export function compileFolder(folder) {
  for (const name of readdirSync(join(tests, folder))) {
    if (name.endsWith('.ts') && !name.endsWith('.test.ts')) compile(join(tests, folder, name));
  }
}

/** @param file relative to test/ */
export function run(file) {
  if (!existsSync(join(root, 'dist'))) {
    console.error('There is no dist/: run `npm run build` first.');
    process.exit(2);
  }
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, ...rest) {
    if (request.startsWith('.') && parent?.filename?.startsWith(tests)) {
      const path = resolve(dirname(parent.filename), request);
      const [folder, ...inner] = relative(root, path).split(sep);
      if (folder in built) request = join(root, built[folder], ...inner);
      else if (path.endsWith('.js') && !existsSync(path)) request = path.replace(/\.js$/, '.ts');
    }
    return resolveFilename.call(this, request, parent, ...rest);
  };
  Module._extensions['.ts'] = (module, filename) => {
    module._compile(compile(filename), filename);
  };
  require(join(tests, file));
}
