/** The data set of a config with some of its options changed, for evaluators. */
import { type DatasetNode, datasetsThatCan, prepareDataset } from '../data';
import type { Registry } from '../registry';
import { type Dataset, type DatasetVariants, type Logger, type Progress, type TestSplit, UsageError } from '../sdk';

export interface VariantsOptions {
  /** That of `node`. */
  readonly dataset: Pick<Dataset, 'variations'>;
  readonly node: DatasetNode;
  readonly registry: Registry;
  readonly progress: Progress;
  readonly logger: Logger;
}

/** @param splitOf the first samples of the test split of a data set that is prepared */
export function variantsOf(
  { dataset, node, registry, progress, logger }: VariantsOptions,
  splitOf: (node: DatasetNode, count: number) => TestSplit,
): DatasetVariants {
  return {
    async variations(numSamples) {
      const variations = dataset.variations?.(numSamples) ?? [];
      if (variations.length > 0) return variations;
      const able = await datasetsThatCan('variations', registry);
      throw new UsageError(
        `The data set ${node.name} cannot be varied: its samples are what they are.`,
        able.length === 0 ? 'No data set can be.' : `Data sets that can be: ${able.join(', ')}.`,
        able.map((name) => `data=${name}`),
      );
    },
    async open(options, numSamples) {
      const variant = { name: node.name, options: { ...node.options, ...options } };
      const { size } = await prepareDataset(registry, variant, 'test', logger, progress);
      progress.stop();
      return splitOf(variant, Math.min(numSamples, size));
    },
  };
}
