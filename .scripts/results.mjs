// Makes a page of results from run directories: npm run results -- RUNS... --output docs/results
// It reads what lies in them and runs no code of theirs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { makeResults } = createRequire(import.meta.url)(join(root, 'dist/jobs/results/make-results.js'));
const USAGE = 'npm run results -- RUN_DIRECTORY... [--output docs/results]';

let options;
try {
  options = parseArgs({
    allowPositionals: true,
    options: { output: { type: 'string', default: join(root, 'docs/results') } },
  });
} catch (error) {
  fail(error.message, [USAGE]);
}
if (options.positionals.length === 0) fail('No run directory is given.', [USAGE]);

// npm starts scripts in the folder of the package, whatever the user's was
const here = process.env['INIT_CWD'] ?? process.cwd();
const output = resolve(here, options.values.output);
const file = join(output, 'README.md');
try {
  const { page, read, broken } = await makeResults({
    runs: options.positionals.map((run) => resolve(here, run)),
    output,
    literature: join(root, 'docs/results/literature.yaml'),
  });
  mkdirSync(output, { recursive: true });
  const config = await prettier.resolveConfig(join(root, 'docs/results/README.md'));
  writeFileSync(file, await prettier.format(page, { ...config, parser: 'markdown' }));
  for (const { name, problem } of broken) console.error(`Not read: ${name}: ${problem}`);
  console.log(`${file}: ${read} runs`);
  if (broken.length > 0) process.exitCode = 1;
} catch (error) {
  if (error.name !== 'UsageError') throw error;
  fail(error.message, error.hints);
}

function fail(message, hints) {
  console.error([`Error: ${message}`, ...hints.map((hint) => `  Try: ${hint}`)].join('\n'));
  process.exit(2);
}
