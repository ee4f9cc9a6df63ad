/** Config files that are scripts: their code runs, and what it gives is to be data. */
import { join } from 'node:path';
import { UsageError } from '../sdk/errors';
import { awaitForeign, noteForeignCode } from '../util/foreign-code';
import { displayPath } from './origin';
import { type Tree, treeOf } from './tree';
import { toValue } from './value';

const MAX_DEPTH = 64;
const MAX_VALUES = 50_000;

/**
 * By jiti: quick, no `typescript` at run time; the file's own imports work, ESM or CommonJS.
 *
 * @throws UsageError for whatever the file throws, at once or later, and for what is no data or has no end
 */
export async function readScript(path: string): Promise<Tree> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(path, {
    alias: { 'osc-trainer/config': join(__dirname, 'define-config') },
    moduleCache: false,
  });
  const name = displayPath(path);
  noteForeignCode({ kind: 'config file', name, path });
  try {
    return await awaitForeign(`the config file ${name}`, async () => {
      let exported: unknown = await jiti.import(path, { default: true });
      if (typeof exported === 'function') exported = await (exported as () => unknown)();
      // getters run here
      return plainTree(exported, path);
    });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The config file ${name} cannot be loaded.`, messageOf(error), [], { cause: error });
  }
}

/** Anything can be thrown, also what cannot be made text. */
function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : `It threw ${String(error)}.`;
  } catch {
    return 'It threw something that is no error.';
  }
}

/** Data only: functions, dates and the like have no place in a config. */
function plainTree(exported: unknown, path: string): Tree {
  const refuse = (key: string, value: unknown): never => {
    throw new UsageError(
      `${key || 'The default export'} in ${displayPath(path)} is of type ${typeName(value)}.`,
      'A config is made of maps, lists, text, numbers, true, false and null.',
    );
  };
  refuseTooMuch(exported, path);
  // an empty namespace is what a file without a default export gives
  return treeOf(toValue(isNamespace(exported) ? { ...exported } : exported, refuse), { kind: 'file', file: path });
}

function typeName(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  const { constructor } = value as { constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'object';
}

/** Also what holds itself. */
function refuseTooMuch(exported: unknown, path: string): void {
  const open: { data: unknown; depth: number }[] = [{ data: exported, depth: 0 }];
  for (let count = 0; ; count++) {
    const next = open.pop();
    if (next === undefined) return;
    const { data, depth } = next;
    if (typeof data !== 'object' || data === null) continue;
    const length = Array.isArray(data) ? data.length : 0; // holes count
    const tooMuch =
      depth > MAX_DEPTH ? `holds itself, or more than ${MAX_DEPTH} levels` : `holds more than ${MAX_VALUES} values`;
    if (depth > MAX_DEPTH || count + open.length + length > MAX_VALUES) {
      throw new UsageError(`The config file ${displayPath(path)} ${tooMuch}.`);
    }
    for (const item of Object.values(data)) open.push({ data: item, depth: depth + 1 });
  }
}

function isNamespace(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Module]';
}
