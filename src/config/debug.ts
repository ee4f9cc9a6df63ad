/** What `other.debug=true` sets; the command line can still set each of these otherwise. */
import type { Origin } from './origin';
import { type Branch, find, isBranch, treeOf, valueOf } from './tree';

const EPOCHS = 3;
const SEED = 42;
/** Steps of a probe that takes 10 000. */
const PROBE_STEPS = 100;
const BATCHES = { train: 10, val: 10, test: 5 } as const;

/** 3 epochs of 10 batches, 10 of validation and 5 of test; everything due every epoch; all seeds 42. */
export function debugLayer(composed: Branch, batchSize: number): Branch {
  const origin: Origin = { kind: 'debug' };
  const samples = (split: keyof typeof BATCHES): number => {
    const node = find(composed, `data.${split}.max_samples`);
    const limit = node === undefined || isBranch(node) ? null : valueOf(node);
    return Math.min(BATCHES[split] * batchSize, typeof limit === 'number' ? limit : Infinity);
  };
  return treeOf(
    {
      training: { num_epochs: EPOCHS, checkpoint_interval: 1 },
      other: { seed: SEED },
      data: {
        train: { seed: SEED, max_samples: samples('train') },
        val: { seed: SEED, max_samples: samples('val'), epoch_interval: 1 },
        viz: { seed: SEED, epoch_interval: 1 },
        test: { max_samples: samples('test'), epoch_interval: 1, vqa: { seed: SEED, num_epochs: PROBE_STEPS } },
      },
    },
    origin,
  ) as Branch;
}
