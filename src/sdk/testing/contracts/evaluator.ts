import * as tf from '@tensorflow/tfjs-core';
import type { CategoricalAttribute, Sample } from '../../contracts/data';
import type { EvaluationContext, Evaluator, TestSample } from '../../contracts/evaluation';
import type { Dimensions, ModelOutputs } from '../../contracts/model';
import { prepareTestImage, prepareTestMasks } from '../../image';
import { silentProgress } from '../../logger';
import type { Mode } from '../../module';
import { RandomSource } from '../../random';
import { assert, assertEqual } from '../assert';
import { randomTensor } from '../gradients';
import type { ContractContext } from './context';

const NUM_SAMPLES = 7;
const SLOTS = 4; // S
const ENTITIES = 4; // K: background, two objects, one that is not there
const HEIGHT = 20;
const WIDTH = 28;
/** How far metrics may differ where float32 sums are taken in another order. */
const TOLERANCE = 1e-4;

/** What the objects can be told apart by. */
const CATEGORIES: readonly CategoricalAttribute[] = [
  { name: 'size', values: ['large', 'small'] },
  { name: 'color', values: ['red', 'green'] },
];

/** A scene of two boxes, with the attributes that published scenes have. */
function scene(index: number): Sample {
  const random = new RandomSource(index).stream('scene');
  const image = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, () => random.integer(64));
  const masks = new Uint8Array(ENTITIES * HEIGHT * WIDTH);
  const boxes = [0, 1].map((k) => ({ left: 4 + 12 * k + random.integer(4), top: 2 + random.integer(8), side: 6 }));
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const inside = boxes.findIndex(
        ({ left, top, side }) => x >= left && x < left + side && y >= top && y < top + side,
      );
      masks[((inside + 1) * HEIGHT + y) * WIDTH + x] = 255;
      if (inside >= 0) image.fill(128 + 64 * inside, (y * WIDTH + x) * 3, (y * WIDTH + x) * 3 + 1 + inside);
    }
  }
  const floats = (of: (k: number) => number) => ({
    values: Float32Array.from({ length: ENTITIES }, (_, k) => of(k)),
    shape: [ENTITIES],
  });
  const isObject = (k: number): boolean => k > 0 && k < ENTITIES - 1;
  const attributes = {
    visibility: floats((k) => Number(k < ENTITIES - 1)),
    x: floats((k) => (isObject(k) ? random.uniform() : 0)),
    ...Object.fromEntries(
      CATEGORIES.map(({ name, values }) => [
        name,
        {
          values: Uint8Array.from({ length: ENTITIES }, (_, k) =>
            isObject(k) ? 1 + random.integer(values.length) : 0,
          ),
          shape: [ENTITIES],
        },
      ]),
    ),
  };
  return { image, height: HEIGHT, width: WIDTH, masks, numMasks: ENTITIES, attributes };
}

function prepare(index: number, imageSize: readonly [number, number], withMasks: boolean): TestSample {
  const whole = scene(index);
  const { image, height, width, masks, attributes } = whole;
  const original: Sample = withMasks ? whole : { image, height, width };
  return {
    index,
    image: prepareTestImage(original, imageSize, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }),
    masks: withMasks ? prepareTestMasks(masks!, [height, width], imageSize) : null,
    numMasks: withMasks ? ENTITIES : 0,
    visibility: withMasks ? Uint8Array.from(attributes!['visibility']!.values) : null,
    original,
  };
}

/** A model without parameters that attends to colours. Keeps the modes it was called with. */
class ColourModel {
  readonly modes: Mode[] = [];

  constructor(
    readonly dimensions: Dimensions,
    readonly usesObjects: boolean,
  ) {}

  forward(images: tf.Tensor4D, mode: Mode, numObjects = SLOTS): ModelOutputs {
    this.modes.push(mode);
    const { grid, embedDim, numTokens } = this.dimensions;
    const [height, width] = [images.shape[2] / grid[0], images.shape[3] / grid[1]];
    const patches = tf.reshape(images, [-1, 3, grid[0], height, grid[1], width]);
    const colours = tf.transpose(tf.reshape(tf.mean(tf.mean(patches, 5), 3), [-1, 3, numTokens]), [0, 2, 1]);
    const batch = images.shape[0];
    const project = (x: tf.Tensor, seed: number): tf.Tensor3D => {
      const weights = tf.tile(randomTensor([1, x.shape[2]!, embedDim], seed), [batch, 1, 1]);
      return tf.tanh(tf.matMul(x, weights)) as tf.Tensor3D;
    };
    const fBackbone = project(colours, 31);
    const fGlobal = tf.mean(fBackbone, 1) as tf.Tensor2D;
    const outputs = { fBackbone, fGlobal, pGlobal: tf.neg(fGlobal) };
    if (!this.usesObjects) {
      return {
        ...outputs,
        fSlots: null,
        pSlots: null,
        ...(mode.attention === true ? { attention: { backbone: [], objects: [] } } : {}),
      };
    }
    const queries = tf.tile(randomTensor([1, numObjects, embedDim], 32), [batch, 1, 1]);
    const maps = [1, 3].map((scale) => {
      const logits = tf.mul(tf.matMul(fBackbone, queries, false, true), scale);
      return tf.transpose(tf.softmax(logits), [0, 2, 1]) as tf.Tensor3D;
    });
    const fSlots = tf.matMul(maps[1]!, fBackbone) as tf.Tensor3D;
    return {
      ...outputs,
      fSlots,
      pSlots: project(fSlots, 33),
      ...(mode.attention === true ? { attention: { backbone: [], objects: maps } } : {}),
    };
  }
}

interface Setting {
  readonly usesObjects?: boolean;
  readonly withMasks?: boolean;
  readonly batchSize?: number;
}

export function evaluatorContract({ runner: { it }, make, dimensions }: ContractContext): void {
  const contextOf = ({ usesObjects = true, withMasks = true, batchSize = 3 }: Setting = {}) => ({
    model: new ColourModel(dimensions, usesObjects),
    async *samples() {
      for (let index = 0; index < NUM_SAMPLES; index++) yield prepare(index, dimensions.imageSize, withMasks);
    },
    categories: CATEGORIES,
    masks: [],
    numSamples: NUM_SAMPLES,
    batchSize,
    progress: silentProgress,
    logger: { error() {}, warn() {}, info() {}, debug() {} },
  });
  const measure = async (context: EvaluationContext, evaluator = make<Evaluator>(1)) => {
    await evaluator.check?.(context);
    return evaluator.evaluate(context);
  };

  it('measures a model with slots on images with masks: named, finite numbers', async () => {
    const metrics = Object.entries(await measure(contextOf()));
    assert(metrics.length > 0, 'There are no metrics.');
    for (const [name, value] of metrics) {
      assert(/^\S+$/.test(name), `"${name}" is not the name of a metric.`);
      assert(Number.isFinite(value), `The metric ${name} is ${value}; one that is not defined is left out.`);
    }
  });

  it('says of every metric what it is called and in which direction it is better', async () => {
    const evaluator = make<Evaluator>(1);
    const described = evaluator.metrics ?? {};
    for (const name of Object.keys(await measure(contextOf(), evaluator))) {
      assert(name in described, `The metric ${name} is not described in "metrics".`);
    }
    const labels = new Set<string>();
    for (const [name, { label, better }] of Object.entries(described)) {
      assert(/^\S.*\S$/.test(label), `The label of ${name} should be a few words on one line, not "${label}".`);
      assert(!labels.has(label), `Two metrics have the label "${label}".`);
      assert(
        ['higher', 'lower', null].includes(better),
        `${name} is better "higher", "lower" or null, not "${better}".`,
      );
      labels.add(label);
    }
  });

  it('measures the same whenever it is asked, and in another instance', async () => {
    const evaluator = make<Evaluator>(1);
    const first = await measure(contextOf(), evaluator);
    assertEqual(await measure(contextOf(), evaluator), first, 'The metrics of a second evaluation');
    assertEqual(await measure(contextOf()), first, 'The metrics of another instance');
  });

  it('measures the same in batches of any size', async () => {
    const whole = await measure(contextOf({ batchSize: NUM_SAMPLES }));
    for (const batchSize of [1, 3, NUM_SAMPLES + 1]) {
      const metrics = await measure(contextOf({ batchSize }));
      assertEqual(
        Object.keys(metrics).sort(),
        Object.keys(whole).sort(),
        `The names of the metrics in batches of ${batchSize}`,
      );
      for (const [name, value] of Object.entries(metrics)) {
        const apart = Math.abs(value - whole[name]!);
        assert(apart <= TOLERANCE, `${name} is ${value} in batches of ${batchSize}, and ${whole[name]} in one batch.`);
      }
    }
  });

  it('runs the model in evaluation', async () => {
    const context = contextOf();
    await measure(context);
    assert(context.model.modes.length > 0, 'The model was never called.');
    assert(
      context.model.modes.every(({ training }) => !training),
      'The model was called with mode.training.',
    );
  });

  it('leaks no tensor', async () => {
    const evaluator = make<Evaluator>(1);
    await measure(contextOf(), evaluator); // what it keeps for later calls, it keeps now
    const before = tf.memory().numTensors;
    await measure(contextOf(), evaluator);
    assertEqual(tf.memory().numTensors - before, 0, 'Tensors left behind by an evaluation');
  });

  const settings = { 'a model without slots': { usesObjects: false }, 'images without masks': { withMasks: false } };
  for (const [what, setting] of Object.entries(settings)) {
    it(`measures ${what}, or says in check() that it cannot`, async () => {
      const evaluator = make<Evaluator>(1);
      try {
        await evaluator.check?.(contextOf(setting));
      } catch (error) {
        assertEqual((error as Error).name, 'UsageError', `The kind of error that check() throws for ${what}`);
        return;
      }
      const metrics = await evaluator.evaluate(contextOf(setting));
      assert(Object.values(metrics).every(Number.isFinite), `A metric of ${what} is not finite.`);
    });
  }
}
