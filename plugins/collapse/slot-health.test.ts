import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { TrainingRun } from 'osc-trainer/sdk';
import { SlotHealth } from './slot-health';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const STEPS = 3; // an epoch
const [IMAGES, SLOTS, TOKENS] = [4, 3, 8];
const logger = {
  error: jest.fn(),
  warn: jest.fn<undefined, [string]>(),
  info: jest.fn<undefined, [string]>(),
  debug: jest.fn(),
};
beforeEach(() => {
  jest.clearAllMocks();
});

/** Which slot has a token of an image, by share; `[n, S, N]`. */
type Maps = (image: number, token: number) => number[];

const healthy: Maps = (image, token) =>
  token === (3 * image) % TOKENS ? [0, 1, 0] : token === (5 * image + 1) % TOKENS ? [0, 0, 1] : [1, 0, 0];
const places: Maps = (_, token) => [Number(token < 3), Number(token >= 3 && token < 6), Number(token >= 6)];
const one: Maps = () => [0, 1, 0];
const blurred: Maps = (image, token) => healthy(image, token).map((share) => 0.3 + 0.1 * share);

/** Which slot has a pixel of a loss's masks, by share: 2x4 of them, the last two an object's. */
type Masks = (pixel: number) => number[];

const apart: Masks = (pixel) => (pixel < 6 ? [1, 0, 0] : [0, 1, 0]);
const sharing: Masks = (pixel) => (pixel < 6 ? [0.6, 0, 0.4] : [0, 1, 0]);

/** Plays epochs; gives the metrics of each step, and how the model was asked. */
function play(
  health: SlotHealth,
  maps: readonly (Maps | null)[],
  {
    from = 0,
    warmupSteps = 0,
    usesObjects = true,
    numEpochs = 3,
    masks = [] as readonly Masks[], // of the epochs
  } = {},
) {
  const asked: { shape: number[]; mode: object }[] = [];
  const logged = maps.flatMap((of, i) =>
    Array.from({ length: STEPS }, (_, within) => {
      const step = STEPS * (from + i) + within;
      const metrics: Record<string, number> = {};
      const run = {
        position: { step, epoch: from + i },
        stepsPerEpoch: STEPS,
        warmupSteps,
        model: {
          usesObjects,
          forward: (images: tf.Tensor4D, mode: object) => {
            asked.push({ shape: images.shape, mode });
            if (of === null) return {};
            const rows = Array.from({ length: IMAGES }, (__, image) =>
              Array.from({ length: SLOTS }, (___, slot) =>
                Array.from({ length: TOKENS }, (____, t) => of(image, t)[slot]!),
              ),
            );
            return { attention: { backbone: [], objects: [tf.tensor3d(rows)] } };
          },
        },
        numEpochs,
        masks:
          masks[i] === undefined
            ? []
            : [
                {
                  name: 'l_recon',
                  masks: ({ images }: { images: tf.Tensor4D }) => {
                    const image = [0, 1, 2].flatMap((slot) =>
                      Array.from({ length: 8 }, (__, pixel) => masks[i]!(pixel)[slot]!),
                    );
                    return tf.tile(tf.tensor4d(image, [1, 3, 2, 4]), [images.shape[0], 1, 1, 1]);
                  },
                },
              ],
        log: (more: object) => Object.assign(metrics, more),
      } as unknown as TrainingRun;
      tf.tidy(() => health.onForward(run, tf.zeros([2 * IMAGES, 3, 2, 2])));
      health.onStepEnd(run, step);
      if (within === STEPS - 1) health.onEpochEnd();
      return metrics;
    }),
  );
  return { asked, logged };
}
const times = (count: number, maps: Maps): Maps[] => Array<Maps>(count).fill(maps);

test('one forward pass of evaluation an epoch, on one view of a few images, which are freed', () => {
  const before = tf.memory().numTensors;
  const { asked, logged } = play(new SlotHealth(3, logger), times(2, healthy));
  const mode = { training: false, step: 0, attention: true };
  expect(asked).toEqual(Array(2).fill({ shape: [3, 3, 2, 2], mode }));
  expect(logged.map((metrics) => Object.keys(metrics).length)).toEqual([0, 0, 4, 0, 0, 4]);
  expect(logged[2]).toEqual({
    'slots/area_entropy': expect.any(Number) as number,
    'slots/in_use': expect.any(Number) as number,
    'slots/per_token': 1,
    'slots/agreement': expect.any(Number) as number,
  });
  expect(tf.memory().numTensors).toBe(before);
  expect(logger.info.mock.calls[0]![0]).toMatch(
    /^Slots: 3\.0 in use, entropy of areas 0\.\d\d, 1\.0 share a token, agreement of maps between images -?0\.\d\d$/,
  );
});

test('nothing for no images, a model without slots, or one without maps', () => {
  expect(play(new SlotHealth(0, logger), [healthy]).asked).toEqual([]);
  expect(play(new SlotHealth(4, logger), [healthy], { usesObjects: false }).asked).toEqual([]);
  expect(play(new SlotHealth(4, logger), [null]).logged).toEqual([{}, {}, {}]);
});

test.each<[string, Maps, RegExp]>([
  [
    'slots that are places',
    places,
    /^The slots divide the plane.*After epoch 3, and 2 before: 3\.0 in use.*images 1\.00\. What may help: losses\/l_objects=sim_img/,
  ],
  ['one slot', one, /^One slot takes the whole image.* 1\.0 in use.*losses\/l_objects=ctr_img/],
  ['slots that are blurred', blurred, /^The slots are blurred.* 3\.0 share a token.*losses\/l_objects=sim_img/],
])('%s are warned of after three epochs, once', (_, maps, message) => {
  const health = new SlotHealth(4, logger);
  play(health, times(2, maps));
  expect(logger.warn).not.toHaveBeenCalled();
  play(health, times(4, maps), { from: 2 });
  expect(logger.warn.mock.calls).toEqual([[expect.stringMatching(message)]]);
  play(health, [healthy], { from: 6 });
  expect(logger.info.mock.calls.map(([text]) => text)).toContainEqual(
    expect.stringMatching(/^Epoch 7: .* any more\.$/),
  );
});

test('a healthy model, a few bad epochs, and the warm-up have no warning', () => {
  const health = new SlotHealth(4, logger);
  play(health, [...times(4, healthy), ...times(2, places), healthy, ...times(2, one)]);
  play(new SlotHealth(4, logger), times(4, places), { warmupSteps: 2 * STEPS });
  expect(logger.warn).not.toHaveBeenCalled();
});

test('two slots that share the background in the masks of a loss are warned of after a third of the epochs, once', () => {
  const health = new SlotHealth(4, logger);
  const before = tf.memory().numTensors;
  const { logged } = play(health, times(7, healthy), { numEpochs: 12, masks: Array<Masks>(7).fill(sharing) });
  // epochs 4, 5 and 6
  expect(logger.warn.mock.calls).toEqual([
    [
      expect.stringMatching(
        /^Two slots share one region.*After epoch 6, and 2 before: 3\.0 in use.*two slots share 60 % of an image in masks of l_recon\. What may help: .*noise_until=0\.4.*losses\.l_recon\.area_entropy/,
      ),
    ],
  ]);
  expect(logged[2]!['slots/l_recon/shared']).toBeCloseTo((2 * 6 * 0.4) / 8, 6);
  const well = play(health, [healthy], { from: 7, numEpochs: 12, masks: [apart] });
  expect(well.logged[2]!['slots/l_recon/shared']).toBe(0);
  expect(logger.info.mock.calls.map(([text]) => text)).toContainEqual(
    expect.stringMatching(/^Epoch 8: .* the slots are not shared any more\.$/),
  );
  expect(tf.memory().numTensors).toBe(before);
});

test('one slot for the background has no warning, and masks are looked at without maps of attention', () => {
  const health = new SlotHealth(4, logger);
  play(health, times(6, healthy), { masks: Array<Masks>(6).fill(apart) });
  expect(logger.warn).not.toHaveBeenCalled();
  expect(logger.info.mock.calls.at(-1)![0]).toMatch(/two slots share 0 % of an image in masks of l_recon$/);
  const { logged } = play(health, [null, null, null], { from: 6, masks: Array<Masks>(3).fill(sharing) });
  expect(logged[2]).toEqual({ 'slots/l_recon/shared': expect.closeTo(0.6, 6) as number });
  expect(logger.warn).toHaveBeenCalledTimes(1);
  expect(logger.warn.mock.calls[0]![0]).toContain('before: two slots share 60 % of an image in masks of l_recon.');
});

test('goes on from what it kept: what was told is not told again', () => {
  const before = new SlotHealth(4, logger);
  play(before, times(2, places));
  const resumed = new SlotHealth(4, logger);
  resumed.loadState(before.state());
  play(resumed, [places], { from: 2 });
  expect(logger.warn).toHaveBeenCalledTimes(1);
  const again = new SlotHealth(4, logger);
  again.loadState(resumed.state());
  play(again, times(4, places), { from: 3 });
  expect(logger.warn).toHaveBeenCalledTimes(1);
});
