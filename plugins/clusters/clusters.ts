import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  component,
  forwardTestBatches,
  inject,
  OPTIONS,
  RandomSource,
  RunError,
  trueMasks,
  UsageError,
  type EvaluationContext,
  type Evaluator,
  type MetricDescription,
  type TestSample,
} from 'osc-trainer/sdk';
import { countPoints, kMeans, scoreMasks, labelledObjects, type Points, type TrueMasks } from 'osc-trainer/sdk/metrics';
import { averageLinkage } from './average-linkage';
import { directions } from './directions';
import { options, type ClustersOptions } from './options';

const ALGORITHMS = { kmeans: 'k-means of tokens', linkage: 'Average linkage of tokens' } as const;
const SCORES = {
  ari: { label: 'ARI', of: 'ari' },
  fg_ari: { label: 'FG-ARI', of: 'fgAri' },
  mbo: { label: 'mBO', of: 'mbo' },
} as const;

type Algorithm = keyof typeof ALGORITHMS;

const METRICS: Readonly<Record<string, MetricDescription>> = Object.fromEntries(
  Object.entries(ALGORITHMS).flatMap(([algorithm, what]) =>
    Object.entries(SCORES).map(([score, { label }]) => [
      `clusters/${algorithm}/${score}`,
      {
        label: `${what}, ${label}`,
        better: 'higher',
        headline: score === 'ari',
        table: { row: what, column: label },
      },
    ]),
  ),
);

/** Patch tokens of an image, and its true masks. */
interface ImageTokens {
  readonly sample: TestSample;
  readonly points: Points;
}

/**
 * Segments every image by clustering the backbone's patch tokens, without slots: what objects the tokens tell apart. It is told
 * how many clusters there are. Formulas are in the README.
 */
@component({
  kind: 'evaluator',
  name: 'clusters',
  summary: "How well clusters of the backbone's patch tokens segment the objects: k-means and average linkage",
  options,
})
export class ClustersEvaluator implements Evaluator {
  readonly metrics = METRICS;

  constructor(@inject(OPTIONS) private readonly options: ClustersOptions) {}

  async check({ samples }: EvaluationContext): Promise<void> {
    for await (const { masks } of samples()) {
      if (masks !== null) return;
      throw new UsageError(
        'The evaluator clusters compares clusters of patch tokens with masks, and the test split of the data set has none.',
        undefined,
        ['data.test.evaluators=[]', 'data=scenes'],
      );
    }
  }

  async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
    const { numSamples, progress, logger, model } = context;
    const { imageSize, grid } = model.dimensions;
    const values = new Map(Object.keys(METRICS).map((name) => [name, [] as number[]]));
    progress.start('Clusters', numSamples, 'images');
    let done = 0;
    const batches = forwardTestBatches(context, {}, ({ fBackbone }, samples): ImageTokens[] => {
      const [, numTokens, width] = fBackbone.shape;
      const tokens = Float32Array.from(fBackbone.dataSync());
      return samples.map((sample, i) => ({
        sample,
        points: { values: tokens.subarray(i * numTokens * width, (i + 1) * numTokens * width), width },
      }));
    });
    for await (const batch of batches) {
      for (const { sample, points } of batch) {
        const truth = trueMasks(sample, imageSize);
        for (const [algorithm, clusters] of this.#cluster(sample, points, truth)) {
          const numSlots = clusters.reduce((most, cluster) => Math.max(most, cluster), 0) + 1;
          const scores = scoreMasks({ maps: oneMapEach(clusters, numSlots), numSlots, grid, imageSize }, truth);
          for (const [score, { of }] of Object.entries(SCORES)) {
            values.get(`clusters/${algorithm}/${score}`)!.push(scores[of]);
          }
        }
        progress.update(++done);
        await nextTurn(); // for signals and the terminal
      }
    }
    return Object.fromEntries(
      Array.from(values).flatMap(([name, ofImages]): [string, number][] => {
        const defined = ofImages.filter((value) => !Number.isNaN(value));
        if (defined.length > 0) return [[name, defined.reduce((sum, value) => sum + value, 0) / defined.length]];
        logger.warn(`${name} is not given: no image of the test split has an object to measure.`);
        return [];
      }),
    );
  }

  /** The cluster of each token, `[N]`, by each algorithm. */
  #cluster({ index }: TestSample, tokens: Points, truth: TrueMasks): [Algorithm, Int32Array][] {
    const { distance, starts, seed } = this.options;
    if (!Array.prototype.every.call(tokens.values, Number.isFinite)) {
      throw new RunError(`A patch token of test image ${index} is not finite.`);
    }
    const points = distance === 'cosine' ? directions(tokens) : tokens;
    const numClusters = Math.min(labelledObjects(truth).length + 1, countPoints(points));
    const random = new RandomSource(seed).scope('clusters').scope(String(index));
    return [
      ['kmeans', kMeans(points, numClusters, starts, random).clusters],
      ['linkage', averageLinkage(points, numClusters, distance)],
    ];
  }
}

/** `[K, N]`: 1 where a token is in a cluster. */
function oneMapEach(clusters: Int32Array, numClusters: number): Float32Array {
  const maps = new Float32Array(numClusters * clusters.length);
  clusters.forEach((cluster, i) => {
    maps[cluster * clusters.length + i] = 1;
  });
  return maps;
}
