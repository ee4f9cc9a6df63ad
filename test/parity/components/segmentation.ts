import * as tf from '@tensorflow/tfjs-core';
import { silentProgress, type Evaluator, type TestSample } from 'osc-trainer/sdk';
import { upsample } from 'osc-trainer/sdk/metrics';
import type { Model } from '../../../src/model';
import type { Adapter } from '../adapter';
import { absolute, exact, relative, type Check } from '../compare';
import type { Fixture, FixtureTensor } from '../fixture';
import { loadWeights } from '../gradients';
import { checkSize, MODEL_OPTIONS, modelOf, needsOf, type ModelFixture } from './build';
import { randomOfQueries } from './recorded-draws';
import { checkMatches, matchBatch, thresholded } from './metrics';

const ATTENTION_TOLERANCE = 1e-5;
const MEAN_TOLERANCE = 1e-5;

/** The recorded images with their masks, which are as large as the images. */
function* samplesOf(fixture: Fixture, numBatches: number): Generator<TestSample> {
  let index = 0;
  for (let batch = 0; batch < numBatches; batch++) {
    const images = fixture.get(`inputs.${batch}.image`);
    const masks = fixture.get(`inputs.${batch}.mask`);
    const visibility = fixture.get(`inputs.${batch}.visibility`);
    const [size, numMasks, height, width] = masks.shape as [number, number, number, number];
    const each = ({ values }: FixtureTensor, i: number): Float32Array | Int32Array =>
      values.subarray((values.length / size) * i, (values.length / size) * (i + 1));
    for (let i = 0; i < size; i++) {
      const ofImage = Uint8Array.from(each(masks, i));
      yield {
        index: index++,
        image: Float32Array.from(each(images, i)),
        masks: ofImage,
        numMasks,
        visibility: Uint8Array.from(each(visibility, i)),
        original: {
          image: new Uint8Array(height * width * 3),
          height,
          width,
          masks: ofImage.map((value) => 255 * value),
          numMasks,
        },
      };
    }
  }
}

/** Attention, thresholds and matches of one recorded batch. */
function checkBatch(fixture: Fixture, batch: number, model: Model): Check[] {
  const prefix = `outputs.${batch}.`;
  const raw = fixture.get(`${prefix}attn_raw`);
  const attention = tf.tidy(() => {
    const images = fixture.tensor<tf.Tensor4D>(`inputs.${batch}.image`);
    return model.forward(images, { training: false, step: 0, attention: true }).attention!.objects[0]!;
  });
  // of several heads, [B, heads, S, N], the mean is used
  const recorded = tf.tidy(() => {
    const maps = fixture.tensor(`${prefix}attn_raw`);
    return raw.shape.length === 4 ? tf.mean(maps, 1) : tf.clone(maps);
  });
  const upsampled = fixture.get(`${prefix}attn_upsampled`);
  const [size, slots] = upsampled.shape as [number, number];
  const masks = thresholded(upsampled.values as Float32Array, size * slots);
  const { grid, imageSize } = model.dimensions;
  const perImage = recorded.size / size;
  const maps = recorded.dataSync() as Float32Array;
  const ours = Array.from({ length: size }, (_, image) => {
    const ofImage = maps.subarray(perImage * image, perImage * (image + 1));
    return Array.from(upsample({ maps: ofImage, numSlots: slots, grid, imageSize }));
  });
  const hard = fixture.get(`${prefix}thres`);
  const { iou, dice } = matchBatch(fixture.get(`inputs.${batch}.mask`), upsampled, hard);
  const checks = [
    relative(`${prefix}attn_raw`, attention.dataSync(), recorded.dataSync(), ATTENTION_TOLERANCE),
    relative(`${prefix}attn_upsampled`, ours.flat(), upsampled.values, ATTENTION_TOLERANCE),
    exact(`${prefix}thres`, masks, hard.values),
    ...checkMatches(fixture, prefix, 'iou', iou),
    ...checkMatches(fixture, prefix, 'dice', dice),
  ];
  tf.dispose([attention, recorded]);
  return checks;
}

/** The evaluator on recorded images and weights, and its steps one by one. */
export const segmentation: Adapter = {
  components: ['run_test_segmentation'],
  knows: {
    config: MODEL_OPTIONS,
    tensors: [/^weights\./, /^inputs\.\d+\.(image|mask|visibility)$/, /^outputs\./],
    scalars: [/^test\//],
  },
  needs: (fixture) => [
    ...needsOf(fixture.config as unknown as ModelFixture),
    { kind: 'evaluator', name: 'segmentation' },
  ],
  async run(fixture, context) {
    const config = fixture.config as unknown as ModelFixture;
    checkSize(fixture.get('inputs.0.image'), config.data.crop_size);
    const model = await modelOf(config, context, randomOfQueries(fixture));
    loadWeights(model.namedParameters(), fixture, 'weights');
    let numBatches = 0;
    while (fixture.has(`inputs.${numBatches}.image`)) numBatches++;
    const samples = [...samplesOf(fixture, numBatches)];
    const evaluator = await context.registry.create<Evaluator>('evaluator', 'segmentation', {
      options: { attention: 'first', images_without_objects: 'nan', baselines: false },
    });
    const metrics = await evaluator.evaluate({
      model,
      masks: [],
      async *samples() {
        yield* samples;
      },
      categories: [],
      numSamples: samples.length,
      batchSize: fixture.get('inputs.0.image').shape[0]!,
      progress: silentProgress,
      logger: { error() {}, warn() {}, info() {}, debug() {} },
    });
    const checks = Object.entries(fixture.scalars).map(([name, recorded]) =>
      // NaN is null in JSON
      absolute(name, [metrics[name] ?? NaN], [(recorded as number | null) ?? NaN], MEAN_TOLERANCE),
    );
    for (let batch = 0; batch < numBatches; batch++) checks.push(...checkBatch(fixture, batch, model));
    model.dispose();
    return checks;
  },
};
