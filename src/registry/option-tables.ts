/** Tables of options in the READMEs of plugins, generated from the schemas between two comments. */
import type { ComponentManifest } from '../sdk/component';
import { describeOptions, type OptionDescription } from './describe-options';

/** Below this 0.0001 is written 1e-4. */
const SMALL = 1e-3;

/** `<!-- options NAME -->`, or `KIND NAME` where several kinds have the name; several components share a table: `A, B`. */
const TABLE = /<!-- options ([^>]+?) -->\n[\s\S]*?<!-- \/options -->/g;

/**
 * A README with its tables of options as the schemas have them now.
 *
 * @throws Error for a table of a component that the plugin does not have, and where components of one table differ
 */
export function fillOptionTables(readme: string, manifests: readonly ComponentManifest[]): string {
  return readme.replace(TABLE, (_, names: string) => {
    const tables = names
      .split(', ')
      .map((name) => optionTable(describeOptions(manifestNamed(name, manifests).options)));
    if (new Set(tables).size > 1) throw new Error(`${names} have different options, and so no table together.`);
    return `<!-- options ${names} -->\n\n${tables[0] ?? ''}\n\n<!-- /options -->`;
  });
}

/** The components that a README has a table for. */
export function componentsWithTable(readme: string, manifests: readonly ComponentManifest[]): ComponentManifest[] {
  const names = [...readme.matchAll(TABLE)].flatMap(([, list = '']) => list.split(', '));
  return names.map((name) => manifestNamed(name, manifests));
}

function manifestNamed(text: string, manifests: readonly ComponentManifest[]): ComponentManifest {
  const found = manifests.filter(({ kind, name }) => text === name || text === `${kind} ${name}`);
  const [manifest] = found;
  if (manifest !== undefined && found.length === 1) return manifest;
  throw new Error(`The table of options is for ${text}, of which the plugin has ${found.length}.`);
}

function optionTable(options: readonly OptionDescription[]): string {
  const rows = options.map(({ name, required, default: value, description }) => [
    `\`${name}\``,
    required ? 'required' : `\`${valueInWords(value)}\``,
    description,
  ]);
  const cells = [['option', 'default', 'meaning'], ...rows].map((row) =>
    row.map((cell) => cell.replaceAll('|', '\\|')),
  );
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** As it is written in a config. */
function valueInWords(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueInWords).join(', ')}]`;
  if (typeof value === 'number' && value !== 0 && Math.abs(value) < SMALL) return value.toExponential();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
