import type * as tf from '@tensorflow/tfjs-core';
import type { LrScheduler } from 'osc-trainer/sdk';
import type { ImageBatch } from '../../../src/data';
import { trainStep, validate } from '../../../src/training';
import type { Adapter } from '../adapter';
import { absolute, relative, valuesLike, type Check } from '../compare';
import { toTensor, type FixtureTensor } from '../fixture';
import { loadWeights } from '../gradients';
import { checkSize, objectiveOf, MODEL_OPTIONS, modelOf, needsOf, optimizerOf, type ModelFixture } from './build';
import { DRAWS, RecordedRandom } from './recorded-draws';

interface TrainingFixture extends ModelFixture {
  optimizer: { name: string; start_lr: number; weight_decay: number };
  lr_scheduler: { warmup: { epochs: number }; decay: { name: string; epochs: number; end_lr: number } };
  warmup_steps: number;
  decay_steps: number;
}

const LOSS_TOLERANCE = 2e-5;
const WEIGHT_TOLERANCE = 1e-5;

/** Images and draws of a step, with `val_` those of a batch of validation. */
const RECORDED = new RegExp(`^inputs\\.(val_)?(images|${DRAWS.join('|')})\\.\\d+$`);

/** `[2, B, 3, H, W]` → `[2B, 3, H, W]` */
function viewsOf({ shape, values }: FixtureTensor): FixtureTensor {
  const [views, batch, ...rest] = shape;
  return { shape: [views! * batch!, ...rest], values };
}

/** Every loss that was recorded (`l_global/train`). */
function checkLosses(
  where: string,
  values: Readonly<Record<string, number>>,
  mode: 'train' | 'val',
  recorded: Readonly<Record<string, number>>,
): Check[] {
  const names = Object.keys(recorded).filter((name) => name !== 'lr');
  return names.map((name) => {
    const key = name.replace(new RegExp(`/${mode}$`), '');
    return absolute(`${key}${where}`, [values[key] ?? NaN], [recorded[name]!], LOSS_TOLERANCE);
  });
}

/** Steps of the trainer on recorded crops, then a validation epoch. */
export const training: Adapter = {
  components: [/^run_train_epoch \(\d+ steps?\) \+ run_val_epoch$/],
  knows: {
    config: [
      ...MODEL_OPTIONS,
      ...['optimizer', 'lr_scheduler.warmup.epochs', 'lr_scheduler.decay', 'warmup_steps', 'decay_steps'],
    ],
    tensors: [/^weights_(initial|final)\./, RECORDED],
    scalars: ['per_step', 'val', 'do_not_compare', /^f32_vs_f64_/],
  },
  needs: (fixture) => {
    const config = fixture.config as unknown as TrainingFixture;
    return [
      ...needsOf(config),
      { kind: 'optimizer', name: config.optimizer.name },
      { kind: 'lr_scheduler', name: config.lr_scheduler.decay.name },
    ];
  },
  async run(fixture, context) {
    const config = fixture.config as unknown as TrainingFixture;
    const validationImages = fixture.group('inputs.val_images');
    for (const images of [...fixture.group('inputs.images').values(), ...validationImages.values()]) {
      checkSize(images, config.data.crop_size);
    }
    const random = new RecordedRandom(new Map());
    const model = await modelOf(config, context, random);
    const objective = await objectiveOf(config, context);
    const optimizer = await optimizerOf(config.optimizer, context);
    loadWeights(model.namedParameters(), fixture, 'weights_initial');

    const { name, ...options } = config.lr_scheduler.decay;
    const scheduler = await context.registry.create<LrScheduler>('lr_scheduler', name, { options });
    const plan = {
      startLr: config.optimizer.start_lr,
      warmupSteps: config.warmup_steps,
      stepsPerEpoch: config.decay_steps / options.epochs,
    };
    const checks: Check[] = [];
    const recordedSteps = fixture.scalars['per_step'] as Record<string, number>[];
    for (const [step, recorded] of recordedSteps.entries()) {
      const learningRate = scheduler.learningRate(step, plan);
      checks.push(relative(`lr of step ${step}`, [learningRate], [recorded['lr']!], 1e-12));
      random.use(fixture, '', step);
      const images = (): tf.Tensor4D => toTensor(viewsOf(fixture.get(`inputs.images.${step}`)));
      const batch = { images, mode: { training: true, step } };
      const { losses } = trainStep({ model, objective, optimizer }, [batch], { learningRate });
      checks.push(...checkLosses(` of step ${step}`, losses, 'train', recorded));
    }

    const ignored = (fixture.scalars['do_not_compare'] ?? []) as string[];
    const parameters = model.namedParameters();
    for (const [parameter, recorded] of fixture.group('weights_final')) {
      if (ignored.includes(parameter) || parameter.endsWith('norm_slots.bias')) continue;
      const actual = valuesLike(parameter, parameters.get(parameter)!, recorded);
      checks.push(absolute(`weights_final.${parameter}`, actual, recorded.values, WEIGHT_TOLERANCE));
    }

    function* batches(): Generator<ImageBatch> {
      for (const [batch, { shape, values }] of validationImages) {
        random.use(fixture, 'val_', batch); // the model is called with the batch before the next one is asked for
        const size = shape[1]!;
        yield { images: values as Float32Array, size, indices: Int32Array.from({ length: size }, (_, i) => i) };
      }
    }
    const validation = await validate({ model, objective }, batches(), config.data.crop_size);
    const recordedValidation = fixture.scalars['val'] as Record<string, number>;
    checks.push(...checkLosses('/val', validation.losses, 'val', recordedValidation));
    optimizer.dispose();
    model.dispose();
    return checks;
  },
};
