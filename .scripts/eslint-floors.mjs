/**
 * The eslint rules that keep the floors of src/ (docs/architecture.md) and what plugins may import. A file imports from its
 * own folder or from folders of floors below, and enters another folder by one of its entries. Static imports, `import()`,
 * `require()` and types alike.
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
    ...['errors', 'kinds', 'catalog', 'logger', 'random', 'safetensors', 'module', 'contracts/sweeper'],
    ...['component', 'create-component', 'options', 'tokens', 'running-copies'],
  ],
  config: ['file', 'plugin-flags', 'define-config', 'yaml-data'],
  engine: ['doctor', 'machine', 'tensorflow/install/install'],
  data: ['files/index'],
  launch: ['reference-sweep'],
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

/** Visitors that hand every specifier to `problemOf` and report what it says: imports, `import()`, `require()` and types alike. */
function onImports(context, problemOf) {
  const check = (node) => {
    if (node?.type !== 'Literal' || typeof node.value !== 'string') return;
    const message = problemOf(node.value);
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
}

export const floors = {
  meta: { type: 'problem', docs: { description: 'Imports go to floors below, by their entries.' }, schema: [] },
  create(context) {
    const src = resolve(context.cwd, 'src');
    const file = relative(src, context.filename).split(sep).join('/');
    return onImports(context, (specifier) => {
      if (specifier.startsWith('osc-trainer')) return 'Inside src/ import the SDK by its relative path.';
      if (!specifier.startsWith('.')) return undefined;
      const target = relative(src, resolve(dirname(context.filename), specifier))
        .split(sep)
        .join('/');
      if (target.startsWith('../plugins')) return 'src/ knows no plugin by name.';
      return target === '' || target.startsWith('..') ? undefined : floorProblem(file, target);
    });
  },
};

/** Plugins of the box know of osc what those of others know. */
export const pluginImports = {
  meta: { type: 'problem', docs: { description: 'Plugins import the SDK and their own files.' }, schema: [] },
  create(context) {
    const plugins = resolve(context.cwd, 'plugins');
    const [plugin] = relative(plugins, context.filename).split(sep);
    const own = resolve(plugins, plugin) + sep;
    return onImports(context, (specifier) => {
      if (/^osc-trainer(?!\/sdk(\/|$))/.test(specifier)) {
        return 'A plugin imports osc-trainer/sdk and its rooms, like osc-trainer/sdk/nn, and nothing else of ours.';
      }
      if (!specifier.startsWith('.') || `${resolve(dirname(context.filename), specifier)}${sep}`.startsWith(own)) {
        return undefined;
      }
      return 'A plugin does not reach out of its own folder; see docs/architecture.md.';
    });
  },
};
