import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

// jest has a module system of its own, so the hook is tried in a process of Node's
test('a hook is asked first, the newest before older ones, and may leave it to the next', () => {
  const folder = mkdtempSync(join(tmpdir(), 'osc-hooks-'));
  try {
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    const source = readFileSync(join(__dirname, 'module-hooks.ts'), 'utf8');
    const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true };
    write('hooks.js', transpileModule(source, { compilerOptions }).outputText);
    for (const name of ['old', 'new', 'real']) write(`${name}.js`, `module.exports = '${name}'`);
    mkdirSync(join(folder, 'folder'));
    write('folder/other.js', "module.exports = require('virtual')");
    write(
      'main.js',
      `const { hookRequire } = require('./hooks');
       hookRequire((request, importer, next) => (request === 'virtual' ? __dirname + '/old.js' : next(request, importer)));
       hookRequire((request, importer, next) =>
         request === 'virtual' && importer.filename === __filename ? __dirname + '/new.js' : next(request, importer));
       // Node remembers what a name means in a folder, so each is asked for from a folder of its own
       console.log(JSON.stringify([require('virtual'), require('./folder/other'), require('./real')]));`,
    );
    const said = execFileSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8' });
    expect(JSON.parse(said)).toEqual(['new', 'old', 'real']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
