import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  component,
  forwardTestBatches,
  inject,
  measureBaselines,
  OPTIONS,
  RandomSource,
  SplitDigest,
  trueMasks,
  UntrainedResults,
  UsageError,
  type EvaluationContext,
  type Evaluator,
  type MetricDescription,
  type TestSample,
} from 'osc-trainer/sdk';
import {
  countPoints,
  kMeans,
  labelledObjects,
  maskBaselines,
  scoreMasks,
  type MaskScores,
  type Points,
  type TrueMasks,
} from 'osc-trainer/sdk/metrics';
import { averageLinkage } from './average-linkage';
import { concludeFrom } from './conclusion';
import { directions } from './directions';
import { options, type ClustersOptions } from './options';
import { baselineRow, describeRows, metricsOf, summarise, TRAINED, UNTRAINED, type Algorithm, type Row } from './rows';

/** Patch tokens of an image. */
interface ImageTokens {
  readonly sample: TestSample;
  readonly points: Points;
}

/** Scores of each image, in order. */
type ScoresOf = Readonly<Record<Algorithm, readonly MaskScores[]>>;

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
  /** What they are compared with is known once the model is. */
  metrics: Readonly<Record<string, MetricDescription>> = {};
  #baselines: readonly Row[] = [];
  readonly #untrained = new UntrainedResults<Readonly<Record<string, number>>>();

  constructor(@inject(OPTIONS) private readonly options: ClustersOptions) {}

  async check({ samples, model, untrained }: EvaluationContext): Promise<void> {
    const compared = [
      ...(untrained === undefined ? [] : Object.values(UNTRAINED)),
      ...maskBaselines('objects', model.dimensions).map(baselineRow),
    ];
    this.#baselines = this.options.baselines ? compared : [];
    this.metrics = describeRows([...Object.values(TRAINED), ...this.#baselines]);
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
    const digest = new SplitDigest();
    const scores = await this.#score(context, 'Clusters', digest);
    const metrics = metricsOfModel(TRAINED, scores);
    const missing = Object.keys(describeRows(Object.values(TRAINED))).filter((name) => !(name in metrics));
    for (const name of missing) {
      context.logger.warn(`${name} is not given: no image of the test split has an object to measure.`);
    }
    if (!this.options.baselines) return metrics;
    const untrained = await this.#untrained.measure(context, async (before) =>
      metricsOfModel(UNTRAINED, await this.#score(before, 'Clusters, untrained')),
    );
    const baselines = maskBaselines('objects', context.model.dimensions);
    const summaries = await measureBaselines(context, {
      name: 'clusters',
      label: 'Clusters, baselines',
      baselines,
      digest: digest.value(),
      summarise,
    });
    const ofBaselines = baselines.map((one) => metricsOf(baselineRow(one), summaries[one.key] ?? {}));
    return Object.assign(metrics, untrained, ...ofBaselines) as Record<string, number>;
  }

  conclude(metrics: Readonly<Record<string, number>>): string {
    return concludeFrom(metrics, this.#baselines);
  }

  /** @param digest is told of every image */
  async #score(context: EvaluationContext, label: string, digest?: SplitDigest): Promise<ScoresOf> {
    const { numSamples, progress, model } = context;
    const { imageSize, grid } = model.dimensions;
    const scores: Record<Algorithm, MaskScores[]> = { kmeans: [], linkage: [] };
    progress.start(label, numSamples, 'images');
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
        digest?.add(sample, truth);
        for (const [algorithm, clusters] of this.#cluster(sample, points, truth)) {
          const numSlots = clusters.reduce((most, cluster) => Math.max(most, cluster), 0) + 1;
          const maps = oneMapEach(clusters, numSlots);
          scores[algorithm].push(scoreMasks({ maps, numSlots, grid, imageSize }, truth));
        }
        progress.update(++done);
        await nextTurn(); // for signals and the terminal
      }
    }
    return scores;
  }

  /** The cluster of each token, `[N]`, by each algorithm. */
  #cluster({ index }: TestSample, tokens: Points, truth: TrueMasks): [Algorithm, Int32Array][] {
    const { distance, starts, seed } = this.options;
    const points = distance === 'cosine' ? directions(tokens) : tokens;
    const numClusters = Math.min(labelledObjects(truth).length + 1, countPoints(points));
    const random = new RandomSource(seed).scope('clusters').scope(String(index));
    return [
      ['kmeans', kMeans(points, numClusters, starts, random).clusters],
      ['linkage', averageLinkage(points, numClusters, distance)],
    ];
  }
}

function metricsOfModel(rows: Readonly<Record<Algorithm, Row>>, scores: ScoresOf): Record<string, number> {
  return {
    ...metricsOf(rows.kmeans, summarise(scores.kmeans)),
    ...metricsOf(rows.linkage, summarise(scores.linkage)),
  };
}

/** `[K, N]`: 1 where a token is in a cluster. */
function oneMapEach(clusters: Int32Array, numClusters: number): Float32Array {
  const maps = new Float32Array(numClusters * clusters.length);
  clusters.forEach((cluster, i) => {
    maps[cluster * clusters.length + i] = 1;
  });
  return maps;
}
