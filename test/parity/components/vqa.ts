/** The linear probe that answers questions. */
import { ProbeAdamW, type Dataset } from 'osc-trainer/sdk';
import { ObjectQuestions } from 'osc-trainer/sdk/data';
import type { Registry } from '../../../src/registry';
import type { Adapter } from '../adapter';
import { absolute, type Check } from '../compare';
import type { Fixture } from '../fixture';

const LOSS_TOLERANCE = 1e-5;
const WEIGHT_TOLERANCE = 1e-5;
const METRIC_TOLERANCE = 1e-6;

interface ProbeFixture {
  /** Number of images to train on, the first ones. */
  n_train: number;
  split?: number;
  num_epochs: number;
  pos_weight: number | null;
  optimizer?: string;
}

const REFERENCE_OPTIMIZER = 'AdamW defaults lr=1e-3 wd=1e-2';

/** `[V, C]` of torch as `[C, V]`, and the other way round. */
function transpose(values: ArrayLike<number>, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** Of a linear layer, alone (`weight`) or followed by the maximum over slots (`0.weight`). */
function layerOf(fixture: Fixture, prefix: string) {
  const group = fixture.group(prefix);
  const name = [...group.keys()].find((key) => /(^|\.)weight$/.test(key))!;
  return {
    weightName: `${prefix}.${name}`,
    biasName: `${prefix}.${name.replace(/weight$/, 'bias')}`,
    weight: group.get(name)!,
    bias: group.get(name.replace(/weight$/, 'bias'))!,
  };
}

/** Trained as there, with both losses before every update, then measured. */
export const linearProbe: Adapter = {
  components: ['run_test_linear_probes'],
  knows: {
    config: ['split', 'pos_weight', 'num_epochs', 'n_train', 'optimizer', 'architecture'],
    tensors: [/^inputs\.(features|targets)$/, /^weights_(initial|final)\./],
    scalars: ['hist_step_train_test', 'metrics'],
  },
  needs: () => [{ kind: 'evaluator', name: 'vqa' }],
  async run(fixture, { registry }) {
    await registry.componentClass('evaluator', 'vqa'); // its package can be imported once the registry has loaded it
    const { meanLoss, ProbeImages, scoreAnswers } = await import('../../../plugins/vqa/index.js');
    const {
      n_train: trained,
      split,
      num_epochs: numSteps,
      pos_weight,
      optimizer,
    } = fixture.config as unknown as ProbeFixture;
    const posWeight = pos_weight ?? 1;
    if (optimizer !== undefined && optimizer !== REFERENCE_OPTIMIZER)
      throw new Error(`The probe has no other optimizer, not '${optimizer}'.`);
    const features = fixture.get('inputs.features');
    const targets = fixture.get('inputs.targets');
    const [count, numQuestions] = targets.shape as [number, number];
    if (split !== undefined && Math.floor(split * count) !== trained)
      throw new Error(`${trained} are not ${split} of ${count} images.`);
    const part = (from: number, to: number) => {
      const each = features.values.length / count;
      return {
        features: Float32Array.from(features.values.subarray(from * each, to * each)),
        shape: features.shape.slice(1),
        answers: Uint8Array.from(targets.values.subarray(from * numQuestions, to * numQuestions)),
        numQuestions,
      };
    };
    const [training, measured] = [part(0, trained), part(trained, count)];
    const images = { training: new ProbeImages(training, posWeight), measured: new ProbeImages(measured, posWeight) };
    const start = layerOf(fixture, 'weights_initial');
    const [, width] = start.weight.shape as [number, number];
    const parameters = {
      weight: transpose(start.weight.values, numQuestions, width),
      bias: Float32Array.from(start.bias.values),
    };
    const adamw = new ProbeAdamW([parameters.weight, parameters.bias]);
    const checks: Check[] = [];
    const losses = fixture.scalars['hist_step_train_test'] as [number, number, number][];
    for (let step = 0; step < numSteps; step++) {
      const [, ofTraining, ofMeasured] = losses[step]!;
      const loss = (which: 'training' | 'measured', data: typeof training): number =>
        meanLoss(images[which].logits(parameters), data.answers, posWeight);
      checks.push(
        absolute(`training loss of step ${step}`, [loss('training', training)], [ofTraining], LOSS_TOLERANCE),
        absolute(`test loss of step ${step}`, [loss('measured', measured)], [ofMeasured], LOSS_TOLERANCE),
      );
      const gradient = images.training.gradient(parameters);
      adamw.step([gradient.weight, gradient.bias]);
    }
    const end = layerOf(fixture, 'weights_final');
    const weight = transpose(parameters.weight, width, numQuestions);
    checks.push(
      absolute(end.weightName, weight, end.weight.values, WEIGHT_TOLERANCE),
      absolute(end.biasName, parameters.bias, end.bias.values, WEIGHT_TOLERANCE),
    );
    const logger = { error() {}, warn() {}, info() {}, debug() {} };
    const metrics = scoreAnswers(images.measured.logits(parameters), measured.answers, posWeight, logger);
    const recorded = fixture.scalars['metrics'] as Record<string, number | null>; // JSON has no NaN
    for (const [name, value] of Object.entries(recorded)) {
      const tolerance = name === 'vqa/loss' ? LOSS_TOLERANCE : METRIC_TOLERANCE;
      checks.push(absolute(name, [metrics[name] ?? NaN], [value ?? NaN], tolerance));
    }
    images.training.dispose();
    images.measured.dispose();
    return checks;
  },
};

/** Answers by recorded attributes, to the questions about the reference's data set. */
export async function answersOf(fixture: Fixture, registry: Pick<Registry, 'create'>): Promise<Uint8Array> {
  const { categories = [] } = await registry.create<Dataset>('dataset', 'CLEVR10');
  const attributes = Object.fromEntries(
    ['visibility', 'size', 'color', 'material', 'shape'].map((name) => {
      const { shape, values } = fixture.get(`inputs.${name}`);
      return [name, { shape, values: Float32Array.from(values) }];
    }),
  );
  return new ObjectQuestions(categories).answer({ index: 0, original: { attributes } });
}
