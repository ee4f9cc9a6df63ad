import type { CurvePlot, Logger, MetricDescription } from 'osc-trainer/sdk';
import { areaUnderRoc, averagePrecision, precisionRecallCurve, rocCurve } from 'osc-trainer/sdk/metrics';
import { meanLoss } from './linear-probe';

/** What a positive answer weighs in the balanced metrics, whatever it does in the loss: about 1 of 15 is positive. */
const BALANCE = 14;

export const METRICS: Readonly<Record<string, MetricDescription>> = {
  'vqa/loss': { label: 'Questions, loss', better: 'lower' },
  'vqa/ap': { label: 'Questions, AP', better: 'higher', headline: true },
  'vqa/ap/imbalanced': { label: 'Questions, AP not balanced', better: 'higher' },
  'vqa/auroc': { label: 'Questions, AUROC', better: 'higher' },
  'vqa/auroc/imbalanced': { label: 'Questions, AUROC not balanced', better: 'higher' },
};

/**
 * The reference's metrics, over all answers of all images together. One that is not defined is left out, with a warning.
 *
 * @param plot is given the curves that `vqa/ap` and `vqa/auroc` are the areas of
 * @param logits `[N, V]`
 * @param answers `[N, V]`, 0 or 1
 */
export function scoreAnswers(
  logits: Float32Array,
  answers: Uint8Array,
  posWeight: number,
  logger: Logger,
  plot?: (plot: CurvePlot) => void,
): Record<string, number> {
  const loss = { 'vqa/loss': meanLoss(logits, answers, posWeight) };
  const positives = answers.reduce((sum, answer) => sum + answer, 0);
  if (positives === 0 || positives === answers.length) {
    const all = positives === 0 ? 'negative' : 'positive';
    logger.warn(`vqa/ap and vqa/auroc are not given: all answers about the images that are measured are ${all}.`);
    return loss;
  }
  // float32 as in the reference, where probabilities that are rounded to one number share a threshold
  const scores = Float32Array.from(logits, (x) => 1 / (1 + Math.exp(-x)));
  const weights = Float32Array.from(answers, (answer) => (answer === 1 ? BALANCE : 1));
  const metrics = {
    ...loss,
    'vqa/ap': averagePrecision(answers, scores, weights),
    'vqa/ap/imbalanced': averagePrecision(answers, scores),
    'vqa/auroc': areaUnderRoc(answers, scores, weights),
    'vqa/auroc/imbalanced': areaUnderRoc(answers, scores),
  };
  if (plot === undefined) return metrics;
  const axis = (label: string): CurvePlot['x'] => ({ label, range: [0, 1] });
  plot({
    name: 'vqa-precision-recall',
    x: axis('recall'),
    y: axis('precision'),
    curves: [
      {
        label: `balanced ap ${metrics['vqa/ap'].toFixed(3)}`,
        points: precisionRecallCurve(answers, scores, weights),
      },
      {
        label: `imbalanced ap ${metrics['vqa/ap/imbalanced'].toFixed(3)}`,
        points: precisionRecallCurve(answers, scores),
      },
    ],
  });
  // weights of the classes do not change it
  const auroc = { label: `auroc ${metrics['vqa/auroc'].toFixed(3)}`, points: rocCurve(answers, scores) };
  plot({ name: 'vqa-roc', x: axis('false positive rate'), y: axis('true positive rate'), curves: [auroc] });
  return metrics;
}
