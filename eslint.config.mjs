import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The floors of the house (DESIGN 1), top to bottom. A file imports only from its own folder or from floors below;
 * folders of one floor do not know each other.
 */
const FLOORS = [
  ['cli'],
  ['training', 'evaluation', 'visualization', 'export', 'launch'],
  ['model', 'data'],
  ['registry', 'config', 'engine'],
  ['sdk'],
];

/** For each folder of src/: an import of any folder that is not below it is an error. */
const floorRules = FLOORS.flatMap((folders, floor) =>
  folders.map((folder) => {
    const above = FLOORS.slice(0, floor + 1)
      .flat()
      .filter((other) => other !== folder);
    return {
      files: [`src/${folder}/**/*.ts`],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                regex: `^(\\.\\./)+(${[...above, 'plugins'].join('|')})(/|$)`,
                message: `src/${folder} may import only from itself and from floors below it (DESIGN 1).`,
              },
              { regex: '^osc-trainer', message: 'Inside src/ import the SDK by its relative path.' },
            ],
          },
        ],
      },
    };
  }),
);

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
  ...floorRules,
  {
    files: ['plugins/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(\\.\\./)+src(/|$)',
              message: 'A plugin imports osc-trainer/sdk and nothing else of ours (DESIGN 1).',
            },
            { regex: '^\\.\\./', message: 'A plugin does not reach out of its own folder (DESIGN 1).' },
          ],
        },
      ],
    },
  },
);
