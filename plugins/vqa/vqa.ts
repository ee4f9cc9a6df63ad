import {
  checkProbeSplit,
  collectRepresentations,
  component,
  type CurvePlot,
  type EvaluationContext,
  type Evaluator,
  inject,
  OPTIONS,
  ProbeAdamW,
  RandomSource,
  runProbeSteps,
  splitForProbe,
  UsageError,
} from 'osc-trainer/sdk';
import { ObjectQuestions } from 'osc-trainer/sdk/data';
import type { CurvePoint } from 'osc-trainer/sdk/metrics';
import { torchInit } from 'osc-trainer/sdk/nn';
import { meanLoss, ProbeImages, type ProbeData, type ProbeParameters } from './linear-probe';
import { options, type VqaOptions } from './options';
import { METRICS, scoreAnswers } from './score-answers';

/** How often the loss is shown: working it out costs half a step. */
const STEPS_PER_NOTE = 100;

/**
 * A linear probe that answers questions of the kind "is there a large red metal cube?" (96 of CLEVR's scenes) from the slots, or from the
 * global representation where the model has no slots. Formulas are in the README.
 */
@component({
  kind: 'evaluator',
  name: 'vqa',
  summary: 'How well a linear probe of the slots (or of the global representation) tells which objects there are',
  options,
  debug: { seed: 42, num_epochs: 100 },
  reference: 'src/osc/train.py (run_test_linear_probes), src/osc/data/clevr_with_masks.py (prepare_test_vqa)',
})
export class VqaEvaluator implements Evaluator {
  readonly metrics = METRICS;

  constructor(@inject(OPTIONS) private readonly options: VqaOptions) {}

  async check({ samples, numSamples, categories }: EvaluationContext): Promise<void> {
    checkProbeSplit('vqa', this.options.split, numSamples);
    const hints = ['data.test.evaluators=[]', 'data=scenes'];
    if (categories.length === 0) {
      throw new UsageError(
        'The evaluator vqa asks which objects there are, and the data set does not say what they can be told apart by.',
        undefined,
        hints,
      );
    }
    for await (const { original } of samples()) {
      const missing = new ObjectQuestions(categories).missing(original);
      if (missing.length === 0) return;
      const names = categories.map(({ name }) => name);
      throw new UsageError(
        `The evaluator vqa asks about ${inWords(names)} of objects, and the test split of the data set ` +
          `does not have all of these: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`,
        undefined,
        hints,
      );
    }
  }

  async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
    const [training, measured] = await this.#collect(context);
    const parameters = this.#start(training.shape.at(-1)!, training.numQuestions);
    const logits = await withImages(measured, this.#posWeight, async (images) => {
      const losses = await this.#train(training, parameters, context, () =>
        meanLoss(images.logits(parameters), measured.answers, this.#posWeight),
      );
      if (losses.trained.length > 1) context.plot?.(lossPlot(losses, this.options.num_epochs));
      return images.logits(parameters);
    });
    return scoreAnswers(logits, measured.answers, this.#posWeight, context.logger, context.plot);
  }

  get #posWeight(): number {
    return this.options.pos_weight ?? 1;
  }

  /** Representations and answers: of the images to train on, and of those to measure. */
  async #collect(context: EvaluationContext): Promise<[ProbeData, ProbeData]> {
    const questions = new ObjectQuestions(context.categories);
    const answers: Uint8Array[] = [];
    const { values, shape, count } = await collectRepresentations(
      context,
      'Questions, images',
      ({ fSlots, fGlobal }) => fSlots ?? fGlobal,
      (sample) => answers.push(questions.answer(sample)),
    );
    const [trained, measured] = splitForProbe('vqa', this.options.split, answers);
    const each = values.length / count;
    const part = (from: number, ofImages: readonly Uint8Array[]): ProbeData => ({
      features: values.subarray(from * each, (from + ofImages.length) * each),
      shape,
      answers: concatenated(ofImages),
      numQuestions: questions.count,
    });
    return [part(0, trained), part(trained.length, measured)];
  }

  #start(width: number, numQuestions: number): ProbeParameters {
    const random = new RandomSource(this.options.seed).scope('vqa');
    return {
      weight: torchInit.weight(width, random)([width, numQuestions]),
      bias: torchInit.bias(width, random)([numQuestions]),
    };
  }

  /** @param measure the loss on the other images, which is asked for only where there is a plot */
  async #train(
    data: ProbeData,
    parameters: ProbeParameters,
    { progress, plot }: EvaluationContext,
    measure: () => number,
  ): Promise<Losses> {
    const { num_epochs: numSteps } = this.options;
    const optimizer = new ProbeAdamW([parameters.weight, parameters.bias]);
    const losses: Losses = { trained: [], measured: [] };
    await withImages(data, this.#posWeight, async (images) => {
      let note = '';
      await runProbeSteps({ label: 'Questions, probe', numSteps, progress }, (step) => {
        if (step % STEPS_PER_NOTE === 0) {
          const loss = meanLoss(images.logits(parameters), data.answers, this.#posWeight);
          note = `loss ${loss.toFixed(3)}`;
          losses.trained.push([step, loss]);
          if (plot) losses.measured.push([step, measure()]);
        }
        const { weight, bias } = images.gradient(parameters);
        optimizer.step([weight, bias]);
        return { note };
      });
    });
    return losses;
  }
}

/** `size, color and shape` */
function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${String(names.at(-1))}`;
}

/** By step. */
interface Losses {
  readonly trained: CurvePoint[];
  /** On the other images. */
  readonly measured: CurvePoint[];
}

function lossPlot({ trained, measured }: Losses, numSteps: number): CurvePlot {
  const highest = Math.max(...[...trained, ...measured].map(([, loss]) => loss));
  return {
    name: 'vqa-loss',
    x: { label: 'step', range: [0, numSteps] },
    y: { label: 'loss', range: [0, highest] },
    curves: [
      { label: 'images it is trained on', points: trained },
      { label: 'images it is measured on', points: measured },
    ],
  };
}

/** With the images on the engine as long as `work` lasts. */
async function withImages<T>(
  data: ProbeData,
  posWeight: number,
  work: (images: ProbeImages) => T | Promise<T>,
): Promise<T> {
  const images = new ProbeImages(data, posWeight);
  try {
    return await work(images);
  } finally {
    images.dispose();
  }
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    whole.set(part, filled);
    filled += part.length;
  }
  return whole;
}
