/** What the import rules say of pieces of code: JSON on stdin, `[{ file, code }]`; a list of messages for each on stdout. */
import { readFileSync } from 'node:fs';
import { Linter } from 'eslint';
import { floors, pluginImports } from '../../.scripts/eslint-floors.mjs';

const linter = new Linter({ cwd: process.cwd() });
const config = [
  { files: ['src/**/*.js'], plugins: { osc: { rules: { floors } } }, rules: { 'osc/floors': 'error' } },
  {
    files: ['plugins/**/*.js'],
    plugins: { osc: { rules: { 'plugin-imports': pluginImports } } },
    rules: { 'osc/plugin-imports': 'error' },
  },
];
const cases = JSON.parse(readFileSync(0, 'utf8'));
const results = cases.map(({ file, code }) => linter.verify(code, config, file).map(({ message }) => message));
process.stdout.write(JSON.stringify(results));
