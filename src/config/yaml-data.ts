import { valueOf } from './tree';
import type { ValueMap } from './value';
import { parseYamlText } from './yaml';

/**
 * The values of YAML that a run has saved, read as configs are: within the same limits, words with the same meaning.
 *
 * @throws UsageError with file, line and column
 */
export function parseYamlData(text: string, file: string): ValueMap {
  return valueOf(parseYamlText(text, file, 'file').tree);
}
