import * as tf from '@tensorflow/tfjs-core';
import type { EvaluationContext, Evaluator } from '../../contracts/evaluation';
import { silentProgress } from '../../logger';
import { assert, assertEqual } from '../assert';
import type { DatasetVariation } from '../../contracts/data';
import { ColourModel } from '../colour-model';
import { SCENE_CATEGORIES, testScene } from '../test-scenes';
import type { ContractContext } from './context';

const NUM_SAMPLES = 7;
/** Scenes are drawn from their index alone: those of a level begin where no other's do. */
const VARIATIONS: readonly DatasetVariation[] = [
  {
    name: 'objects',
    label: 'objects in a scene',
    current: { name: '2', value: 2 },
    levels: [1, 3].map((value) => ({ name: `${value}`, value, options: { first: 100 * value } })),
  },
  {
    name: 'light',
    label: 'light',
    current: { name: 'plain', value: 0 },
    levels: [{ name: 'strong', value: 1, options: { first: 500 } }],
  },
];
/** How far metrics may differ where float32 sums are taken in another order. */
const TOLERANCE = 1e-4;

interface Setting {
  readonly usesObjects?: boolean;
  readonly withMasks?: boolean;
  readonly batchSize?: number;
}

export function evaluatorContract({ runner: { it }, make, dimensions }: ContractContext): void {
  async function* scenes(first: number, count: number, withMasks: boolean) {
    for (let index = 0; index < count; index++) {
      yield { ...testScene(first + index, dimensions.imageSize, withMasks), index };
    }
  }
  const contextOf = ({ usesObjects = true, withMasks = true, batchSize = 3 }: Setting = {}) => ({
    model: new ColourModel(dimensions, { usesObjects }),
    samples: () => scenes(0, NUM_SAMPLES, withMasks),
    variants: {
      variations: () => Promise.resolve(VARIATIONS),
      open: ({ first }: Readonly<Record<string, unknown>>, numSamples: number) =>
        Promise.resolve({ numSamples, samples: () => scenes(first as number, numSamples, withMasks) }),
    },
    categories: SCENE_CATEGORIES,
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
    const metrics = await measure(contextOf(), evaluator);
    const described = evaluator.metrics ?? {}; // after check(): what is measured may depend on the model and the data set
    for (const name of Object.keys(metrics)) {
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
    const cells = new Set<string>();
    for (const [name, { table }] of Object.entries(described)) {
      if (table === undefined) continue;
      const cell = `${table.column} of ${table.row}`;
      assert(!cells.has(cell), `${name} is not the only metric in the table for ${cell}.`);
      assert(table.row.length <= 32, `The row "${table.row}" of the table is longer than 32 characters.`);
      cells.add(cell);
    }
  });

  it('concludes from its numbers in words, or not at all', async () => {
    const evaluator = make<Evaluator>(1);
    const metrics = await measure(contextOf(), evaluator);
    for (const some of [metrics, {}]) {
      const conclusion = evaluator.conclude?.(some) ?? 'Nothing.';
      assert(/^\S.*[.!?]$/.test(conclusion), `A conclusion is a sentence on one line, not "${conclusion}".`);
      assert(!/NaN|undefined|Infinity/.test(conclusion), `A conclusion is for people: "${conclusion}".`);
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
