/** What `other.debug=true` sets; the command line can still set each of these otherwise. */
import type { ComponentCatalog } from '../sdk/catalog';
import { componentKeysIn, sectionsOf } from './component-keys';
import { defaultsOf, namesAt, over } from './defaults';
import type { Origin } from './origin';
import { branch, type Branch, find, isBranch, place, treeOf } from './tree';
import { toValue, type Value } from './value';

const EPOCHS = 3;
const SEED = 42;
const BATCHES = { train: 10, val: 10, test: 5 } as const;

/**
 * 3 epochs of 10 batches, 10 of validation and 5 of test; everything due every epoch; all seeds 42; of the components what
 * they say themselves (`debug` of their manifest).
 */
export async function debugLayer(composed: Branch, catalog: ComponentCatalog): Promise<Branch> {
  const origin: Origin = { kind: 'debug' };
  const whole = over(await defaultsOf(composed, catalog), composed);
  const layer = branch(origin);
  const set = (key: string, value: Value): void => {
    place(layer, key, treeOf(value, origin));
  };
  set('training', { num_epochs: EPOCHS, checkpoint_interval: 1 });
  for (const key of ['other', 'data.train', 'data.val', 'data.viz']) set(`${key}.seed`, SEED);
  for (const split of ['val', 'viz', 'test']) set(`data.${split}.epoch_interval`, 1);
  const batchSize = numberAt(whole, 'training.batch_size');
  for (const [split, batches] of Object.entries(BATCHES)) {
    const key = `data.${split}.max_samples`;
    // a batch size that is no number is told of later
    if (batchSize !== undefined) set(key, Math.min(batches * batchSize, numberAt(whole, key) ?? Infinity));
  }
  for (const [key, value] of await optionsOfComponents(whole, catalog)) set(key, value);
  return layer;
}

function numberAt(tree: Branch, key: string): number | undefined {
  const node = find(tree, key);
  return node !== undefined && !isBranch(node) && typeof node.value === 'number' ? node.value : undefined;
}

/** What the manifests of the chosen components say of a debug run, by dotted key. */
async function optionsOfComponents(whole: Branch, catalog: ComponentCatalog): Promise<[string, Value][]> {
  const found: [string, Value][] = [];
  for (const key of componentKeysIn(whole)) {
    for (const name of namesAt(find(whole, key.key), key)) {
      const entry = catalog.lookup(key.kind, name);
      // a component that cannot be loaded is told of later
      const manifest = entry && (await catalog.manifest(key.kind, entry.name).catch(() => undefined));
      const node = key.list ? `${sectionsOf(key)}.${entry?.name ?? name}` : key.key;
      for (const [option, value] of Object.entries(manifest?.debug ?? {})) {
        const data = toValue(value, () => {
          throw new Error(`"debug" of the ${key.kind} ${name} holds something else than data.`);
        });
        found.push([`${node}.${option}`, data]);
      }
    }
  }
  return found;
}
