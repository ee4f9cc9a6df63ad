import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { floors, pluginImports } from './.scripts/eslint-floors.mjs';

export default defineConfig(
  { ignores: ['dist/**', 'test/e2e/fixtures/**', 'node_modules/**', 'coverage/**', 'outputs/**'] },
  eslint.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off', // typed arrays under noUncheckedIndexedAccess
      '@typescript-eslint/no-extraneous-class': 'off', // decorated classes
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'No default exports except where a tool demands it.' },
      ],
    },
  },
  // oclif finds a command or hook by its default export; jest its config
  {
    files: ['src/cli/{commands,hooks}/**/*.ts', 'jest.config.mjs', 'eslint.config.mjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'performance', 'structuredClone'].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['src/cli/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^(node:)?fs(/|$)', message: 'Commands parse, call a job and print: files are for src/jobs.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { osc: { rules: { floors } } },
    rules: { 'osc/floors': 'error' },
  },
  {
    files: ['plugins/**/*.ts'],
    plugins: { osc: { rules: { 'plugin-imports': pluginImports } } },
    rules: { 'osc/plugin-imports': 'error' },
  },
);
