import {
  component,
  type EvaluationContext,
  type Evaluator,
  type MetricDescription,
  inject,
  OPTIONS,
  collectRepresentations,
  RunError,
  type TestSample,
  UsageError,
} from 'osc-trainer/sdk';
import { ObjectQuestions } from 'osc-trainer/sdk/data';
import { nearestNeighbors } from './neighbors';
import { options, type KnnOptions } from './options';
import { scoreCounts, scoreQuestions } from './score-votes';

const METRICS: Readonly<Record<string, MetricDescription>> = {
  'knn/num_objects/accuracy': { label: 'Nearest neighbours, number of objects', better: 'higher' },
  'knn/num_objects/chance': { label: 'Most frequent number of objects', better: null },
  'knn/vqa/map': { label: 'Nearest neighbours, mAP', better: 'higher', headline: true },
  'knn/vqa/auroc': { label: 'Nearest neighbours, AUROC', better: 'higher' },
  'knn/vqa/chance': { label: 'Positive answers', better: null },
};

/**
 * Votes of the k nearest neighbours by the global representation, each image of the test split left out once: how many
 * objects there are, and which. Formulas are in the README.
 */
@component({
  kind: 'evaluator',
  name: 'knn',
  summary: 'How well nearest neighbours by the global representation tell which and how many objects there are',
  options,
})
export class KnnEvaluator implements Evaluator {
  readonly metrics = METRICS;

  constructor(@inject(OPTIONS) private readonly options: KnnOptions) {}

  async check({ samples, numSamples }: EvaluationContext): Promise<void> {
    const { k } = this.options;
    if (k >= numSamples) {
      throw new UsageError(
        `The evaluator knn asks the ${k} nearest neighbours of an image, and the test split has only ${numSamples} ` +
          `${numSamples === 1 ? 'image' : 'images'}, that one included.`,
        undefined,
        [
          'data.test.max_samples=null',
          numSamples > 1 ? `data.test.evaluators=[{name: knn, k: ${numSamples - 1}}]` : 'data.test.evaluators=[]',
        ],
      );
    }
    for await (const { visibility } of samples()) {
      if (visibility !== null) return;
      throw new UsageError(
        'The evaluator knn asks for the number of visible objects, and the test split of the data set does not tell ' +
          'which objects are visible.',
        undefined,
        ['data.test.evaluators=[]', 'data=scenes'],
      );
    }
  }

  async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
    const { k, temperature } = this.options;
    const { progress, logger, categories } = context;
    const questions = new ObjectQuestions(categories);
    const counts: number[] = [];
    const answers: Uint8Array[] = [];
    const representations = await collectRepresentations(
      context,
      'Neighbours, images',
      ({ fGlobal }) => fGlobal,
      (sample) => {
        counts.push(countObjects(sample));
        const asked = categories.length > 0 && questions.missing(sample.original).length === 0;
        if (asked) answers.push(questions.answer(sample));
      },
    );
    const { values, count } = representations;
    if (k >= count) {
      throw new RunError(`Of the test split ${count} images could be read: too few for ${k} neighbours of each.`);
    }
    progress.start('Neighbours, search', count, 'images');
    const neighbors = await nearestNeighbors(values, count, k, {
      onDone: (done) => {
        progress.update(done);
      },
    });
    const ofCounts = scoreCounts(counts, neighbors, k, temperature);
    const metrics: Record<string, number> = {
      'knn/num_objects/accuracy': ofCounts.accuracy,
      'knn/num_objects/chance': ofCounts.chance,
    };
    // a data set that does not say what objects can be told apart by: their numbers are all there is
    if (answers.length !== count) return metrics;
    const ofQuestions = scoreQuestions(answers, neighbors, k, temperature);
    if (ofQuestions === null) {
      logger.warn('knn/vqa is not given: every question has the same answer for all images of the test split.');
      return metrics;
    }
    metrics['knn/vqa/map'] = ofQuestions.map;
    metrics['knn/vqa/auroc'] = ofQuestions.auroc;
    metrics['knn/vqa/chance'] = ofQuestions.chance;
    return metrics;
  }
}

/** Visible entities but those of the background, which are the first. */
function countObjects({ index, visibility, original }: TestSample): number {
  if (visibility === null) throw new RunError(`Test image ${index} does not tell which objects are visible.`);
  return visibility.subarray(original.numBackground ?? 1).reduce((sum, visible) => sum + visible, 0);
}
