#!/usr/bin/env node
/**
 * Writes what TypeScript knows of the kernels in cpp/kernels.def, which the C++ sources include themselves:
 * `npm run build:kernels`. `--check` writes nothing: it exits 1 where a file is not that of the table.
 */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const table = path.join(here, 'cpp/kernels.def');
const BANNER = 'Made of the table in src/engine/native/cpp/kernels.def by `npm run build:kernels`: not to be edited.';

/** What begins a kernel in the table. */
const STARTS = ['KERNEL', 'OP', 'GRADIENT'];
/** Its arguments: the word in the table, the kind that TypeScript calls it. */
const KINDS = {
  SIZE: 'size',
  ROWS: 'rows',
  WHOLE: 'whole',
  NUMBER: 'number',
  FLAG: 'flag',
  CHOICE: 'choice',
  PLAN: 'plan',
  FLOATS: 'floats',
  FLOATS_OUT: 'floatsOut',
  IN: 'in',
  IN_OR_NULL: 'inOrNull',
  ADDED_OR_NULL: 'addedOrNull',
  INTS: 'ints',
  OUT: 'out',
  OUT_OR_NULL: 'outOrNull',
};

/**
 * The table: `choices`, lists of names by their name; `kernels`, by name, each with `args`, lists of a kind, a name, and the
 * shape or the name of the choice; ops have `op`, their name in tfjs, and gradients `gradientOf`.
 *
 * @throws Error that names what it does not understand
 */
export function readKernels(text = readFileSync(table, 'utf8')) {
  const code = text.replace(/\/\/.*$|^#.*$/gm, '');
  const choices = {};
  const kernels = {};
  let open = null;
  for (const [all, word, inside] of code.matchAll(/([A-Z_]+)(?:\(([^)]*)\))?|\S+/g)) {
    const [name, ...rest] = (inside ?? '').split(',').map((part) => part.trim());
    if (word === 'ENUM') choices[name] = rest;
    else if (STARTS.includes(word) && !open) {
      open = { args: [] };
      if (word === 'OP') open.op = `Osc${name[0].toUpperCase()}${name.slice(1)}`;
      if (word === 'GRADIENT') open.gradientOf = name;
      kernels[word === 'GRADIENT' ? `${name}Grad` : name] = open;
    } else if (word === 'END' && open) open = null;
    else if (word in KINDS && open) open.args.push([KINDS[word], name, ...(rest.length ? [rest.join(', ')] : [])]);
    else throw new Error(`kernels.def: "${all}" is not expected there.`);
  }
  return { choices, kernels };
}

function engineTable({ choices, kernels }) {
  return `/** ${BANNER} */

/** Values of a choice: C++ takes their place in the list. */
export const CHOICES = ${JSON.stringify(choices)} as const;

/** Arguments in their order: a kind, a name, and the shape of an array or the name of a choice. */
export const KERNELS = ${JSON.stringify(kernels)} as const;
`;
}

const union = (names) => names.map((name) => `'${name}'`).join(' | ') || 'never';

/** Words to lines that fit the page. */
function wrapped(text, indent) {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + word.length > 116 - indent.length) lines.push('');
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines.map((line) => `${indent} *${line}\n`).join('');
}

function opEntry({ op, args }, gradient, choices) {
  const rows = args.find(([kind]) => kind === 'rows')?.[1];
  const named = (...kinds) => args.filter(([kind]) => kinds.includes(kind)).map(([, name]) => name);
  const shapes = (...kinds) =>
    args
      .filter(([kind]) => kinds.includes(kind))
      .map(([kind, name, shape]) => {
        const axes = shape.split(', ').map((axis) => (axis === rows ? '...' : axis));
        return `${name} [${axes.join(', ')}]${kind.endsWith('OrNull') ? ' or none' : ''}`;
      })
      .join(', ');
  const types = {
    whole: () => 'number',
    number: () => 'number',
    flag: () => 'boolean',
    choice: (of) => union(choices[of]),
  };
  const attributes = args.filter(([kind]) => kind in types).map(([kind, name, of]) => `${name}: ${types[kind](of)}`);
  // a gradient cannot see which inputs there were
  const asked = gradient?.args.filter(([kind]) => kind === 'outOrNull').map(([, name]) => name.slice(1)) ?? [];
  for (const name of named('inOrNull')) if (asked.includes(name)) attributes.push(`${name}: boolean`);
  const doc = `${shapes('in', 'inOrNull', 'addedOrNull', 'ints')} → ${shapes('out')}`;
  return `
  /**
${wrapped(doc, '  ')}   */
  ${op}: {
    inputs: ${union(named('in', 'ints'))};
    optional: ${union(named('inOrNull', 'addedOrNull'))};
    attributes: ${attributes.length ? `{ ${attributes.join('; ')} }` : 'Record<never, never>'};
  };`;
}

function sdkTable({ choices, kernels }) {
  const ops = Object.entries(kernels).filter(([, { op }]) => op);
  return `/** ${BANNER} */

/**
 * Kernels that an engine may register for the ops of this folder: inputs → outputs, with their shapes. An attribute that is
 * called like an input says whether that one is there.
 */
export interface OpKernels {${ops.map(([name, kernel]) => opEntry(kernel, kernels[`${name}Grad`], choices)).join('\n')}
}
`;
}

const FILES = { 'kernel-table.ts': engineTable, '../../sdk/ops/kernels.ts': sdkTable };

async function main(check) {
  const { format, resolveConfig } = await import('prettier');
  const kernels = readKernels();
  for (const [name, textOf] of Object.entries(FILES)) {
    const file = path.join(here, name);
    const text = await format(textOf(kernels), { ...(await resolveConfig(file)), filepath: file });
    if (!check) writeFileSync(file, text);
    else if (readFileSync(file, 'utf8') !== text) {
      console.error(`${path.relative('.', file)} is not that of kernels.def: run npm run build:kernels.`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  await main(process.argv.includes('--check'));
}
