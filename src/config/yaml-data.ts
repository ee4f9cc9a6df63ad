import { readSimpleYaml } from './simple-yaml';
import { valueOf } from './tree';
import type { Value, ValueMap } from './value';
import { parseYamlText } from './yaml';

/**
 * The values of YAML that a run has saved, read as configs are: within the same limits, words with the same meaning.
 *
 * @throws UsageError with file, line and column
 */
export function parseYamlData(text: string, file: string): ValueMap {
  return readSimpleYaml(text, readValue) ?? valueOf(parseYamlText(text, file, 'file').tree);
}

/** Texts of values that were read: those of a thousand runs are nearly all the same. */
const known = new Map<string, { readonly value: Value } | undefined>();
const MAX_KNOWN = 10_000;

function readValue(text: string): { readonly value: Value } | undefined {
  if (!known.has(text)) {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(text, parseAlone(text));
  }
  const read = known.get(text);
  // a list belongs to whom it is given
  return read !== undefined && typeof read.value === 'object' ? structuredClone(read) : read;
}

function parseAlone(text: string): { readonly value: Value } | undefined {
  try {
    const value = valueOf(parseYamlText(`v: ${text}`, '', 'file').tree)['v'];
    return value === undefined ? undefined : { value };
  } catch {
    return undefined; // the parser tells what is wrong, with its place
  }
}
