/** The config of a run that is resumed: as it was saved, but for keys that leave what was computed so far valid. */
import type { ComponentCatalog } from '../sdk/catalog';
import { UsageError } from '../sdk/errors';
import { applyOverrides, normaliseKey, refuseDoubles } from './apply-overrides';
import { parseOverrides, printOverride } from './grammar';
import type { OscConfig } from './schema';
import { originOf, valueOf } from './tree';
import { validate } from './validate';
import type { ValueMap } from './value';
import { readYamlFile } from './yaml';

/** What may be changed on `--resume`: these decide neither the steps done so far nor what they were computed from. */
const CHANGEABLE = [
  'training.num_epochs',
  'training.checkpoint_interval',
  'training.checkpoint_steps',
  'training.keep_checkpoints',
  'data.num_workers',
  'data.viz',
  'data.test',
  'engine',
  'logging',
  'other.tqdm',
];

/**
 * @param file `config.yaml` of a run directory
 * @throws UsageError for a file that is no saved config, and for overrides of anything but {@link CHANGEABLE}
 */
export async function readSavedConfig(
  file: string,
  catalog: ComponentCatalog,
  overrides: readonly string[],
): Promise<{ values: OscConfig; overrides: readonly string[] }> {
  const { tree } = readYamlFile(file, 'file');
  const parsed = parseOverrides(overrides).map(normaliseKey);
  refuseDoubles(parsed);
  for (const { key, text, choices } of parsed) {
    const fixed = !CHANGEABLE.some((allowed) => key === allowed || key.startsWith(`${allowed}.`));
    if (fixed || choices !== undefined) {
      throw new UsageError(
        `The override "${text}" cannot be used with --resume.`,
        `The steps done so far depend on the rest of the config. What may be changed: ${CHANGEABLE.join(', ')}.`,
        [`osc train ${overrides.join(' ')}    (a new run)`],
      );
    }
  }
  applyOverrides(tree, parsed);
  const { values } = await validate(valueOf(tree) as ValueMap, {
    catalog,
    originOf: (key) => originOf(tree, key),
  });
  return { values, overrides: parsed.map((override) => printOverride(override)) };
}
