/**
 * The eslint rule that keeps the floors of src/ (docs/architecture.md): a file imports from its own folder or from folders
 * of floors below, and enters another folder by one of its entries. Static imports, `import()`, `require()` and types alike.
 */
import { dirname, relative, resolve, sep } from 'node:path';

/** Top to bottom. Folders of one floor do not know each other. */
export const FLOORS = [
  ['cli'],
  ['jobs'],
  ['training', 'evaluation', 'visualization', 'export', 'launch'],
  ['model', 'data', 'run'],
  ['registry', 'config', 'engine'],
  ['sdk'],
  ['util'],
];

/**
 * Entries beside `index`. Those of `sdk` are its rooms, what of them only osc itself needs, and what commands that only
 * list and print need without loading TensorFlow.js; the others are light in the same way.
 */
const ENTRIES = {
  sdk: [
    ...['nn', 'ops', 'data', 'metrics', 'image', 'testing'].map((room) => `${room}/index`),
    ...['data/internal', 'ops/internal'],
    ...['errors', 'kinds', 'catalog', 'logger', 'random', 'safetensors', 'module'],
    ...['component', 'create-component', 'options', 'tokens', 'running-copies'],
  ],
  config: ['file', 'plugin-flags', 'define-config'],
  engine: ['doctor', 'machine', 'tensorflow/install/install'],
  data: ['files/index'],
  registry: ['describe-options'],
};

const floorOf = (folder) => FLOORS.findIndex((folders) => folders.includes(folder));

/** What is wrong with an import of `target` by `file`, both relative to src/; undefined where nothing is. */
export function floorProblem(file, target) {
  const [from] = file.split('/');
  const [to, ...rest] = target.split('/');
  if (from === to) return undefined;
  if (floorOf(from) < 0) return `src/${from} has no floor: give it one in .scripts/eslint-floors.mjs.`;
  if (floorOf(to) <= floorOf(from)) return `src/${from} may not import src/${to}: it is not on a floor below.`;
  if (to === 'util') return rest.length === 1 ? undefined : 'src/util has no folders.';
  const entry = rest.join('/').replace(/\.js$/, '');
  const entries = ['', 'index', ...(ENTRIES[to] ?? [])];
  if (entries.includes(entry) || entries.includes(`${entry}/index`)) return undefined;
  return `src/${to} is entered by its index, not by ${entry}.`;
}

export const floors = {
  meta: { type: 'problem', docs: { description: 'Imports go to floors below, by their entries.' }, schema: [] },
  create(context) {
    const src = resolve(context.cwd, 'src');
    const file = relative(src, context.filename).split(sep).join('/');
    const check = (node) => {
      if (node?.type !== 'Literal' || typeof node.value !== 'string') return;
      const specifier = node.value;
      if (specifier.startsWith('osc-trainer')) {
        context.report({ node, message: 'Inside src/ import the SDK by its relative path.' });
        return;
      }
      if (!specifier.startsWith('.')) return;
      const target = relative(src, resolve(dirname(context.filename), specifier))
        .split(sep)
        .join('/');
      if (target.startsWith('../plugins')) {
        context.report({ node, message: 'src/ knows no plugin by name.' });
        return;
      }
      if (target === '' || target.startsWith('..')) return;
      const message = floorProblem(file, target);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => check(source),
      TSImportType: ({ source, argument }) => check(source ?? argument?.literal),
      CallExpression: ({ callee, arguments: [first] }) => {
        if (callee.type === 'Identifier' && callee.name === 'require') check(first);
      },
    };
  },
};
