import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { RandomSource, type Mode } from 'osc-trainer/sdk';
import { lossInputs } from 'osc-trainer/sdk/testing';
import { options as schema, type SlotMixtureOptions } from './options';
import { plainLoss, valuesOf, type PlainInput } from './plain.fixture';
import { SlotMixtureLoss } from './slot-mixture';

const [ROWS, SLOTS, WIDTH] = [2, 3, 4];
const IMAGE_SIZE = [4, 6] as const;
const DIMENSIONS = { embedDim: WIDTH, imageSize: IMAGE_SIZE };
const NORMALIZATION = { mean: [0.3, 0.5, 0.6], std: [0.2, 0.1, 0.3] } as const;
const PIXELS = IMAGE_SIZE[0] * IMAGE_SIZE[1];
const TRAINED: Mode = { training: false, step: 0 };

const draws = new RandomSource(5);
const slotValues = draws.stream('slots').normals(ROWS * SLOTS * WIDTH);
const imageValues = draws.stream('images').normals(ROWS * 3 * PIXELS);

type Choice = Partial<SlotMixtureOptions>;

function make(choice: Choice): SlotMixtureLoss {
  const options = schema.parse({ hidden: 5, cell: 2, area_entropy: 0.3, ...choice });
  return new SlotMixtureLoss(options, DIMENSIONS, NORMALIZATION, new RandomSource(7));
}

function inputs(mode: Mode = TRAINED, log?: (name: string, value: tf.Scalar | number) => void) {
  const fSlots = tf.tensor3d(slotValues, [ROWS, SLOTS, WIDTH]);
  const images = tf.tensor4d(imageValues, [ROWS, 3, ...IMAGE_SIZE]);
  return lossInputs({ fSlots, pSlots: fSlots }, { images, mode, ...(log && { log }) });
}

function plainOf(choice: Choice, entropyWeight = 0.3): PlainInput {
  const options = schema.parse({ hidden: 5, cell: 2, ...choice });
  return { options, imageSize: IMAGE_SIZE, width: WIDTH, numSlots: SLOTS, ...NORMALIZATION, entropyWeight };
}

const slotsOf = (row: number): Float64Array =>
  Float64Array.from(slotValues.subarray(row * SLOTS * WIDTH, (row + 1) * SLOTS * WIDTH));
const imageOf = (row: number): Float64Array =>
  Float64Array.from(imageValues.subarray(row * 3 * PIXELS, (row + 1) * 3 * PIXELS));
const each = (choice: Choice, loss: SlotMixtureLoss) =>
  [0, 1].map((row) => plainLoss(plainOf(choice), valuesOf(loss.namedParameters()), slotsOf(row), imageOf(row)));

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

const CHOICES: Choice[] = [
  {},
  { color: 'flat' },
  { color: 'pixel' },
  { decoder: 'fc' },
  { decoder: 'fc', color: 'pixel' },
  { cell: 1, color: 'flat' },
];

describe.each(CHOICES)('slot-mixture with %j', (choice) => {
  const loss = make(choice);
  const expected = each(choice, loss);

  it('is the loss of the definition, for each image', () => {
    const logged: Record<string, number> = {};
    const log = (name: string, value: tf.Scalar | number): void => {
      logged[name] = typeof value === 'number' ? value : value.dataSync()[0]!;
    };
    const none = loss.compute(inputs(TRAINED, log), 'none');
    expect(none.shape).toEqual([ROWS]);
    none.dataSync().forEach((value, row) => expect(value).toBeCloseTo(expected[row]!.loss, 4));
    expect(logged['mse']).toBeCloseTo((expected[0]!.mse + expected[1]!.mse) / 2, 4);
    expect(logged['area_entropy']).toBeCloseTo((expected[0]!.entropy + expected[1]!.entropy) / 2, 5);
    expect(logged['mask_entropy']).toBeCloseTo((expected[0]!.maskEntropy + expected[1]!.maskEntropy) / 2, 5);
    const sum = expected[0]!.loss + expected[1]!.loss;
    expect(loss.compute(inputs(), 'sum').dataSync()[0]).toBeCloseTo(sum, 3);
    expect(loss.compute(inputs(), 'mean').dataSync()[0]).toBeCloseTo(sum / 2, 4);
  });

  it('has masks and a reconstruction in the order of pixels', () => {
    const masks = loss.masks(inputs());
    expect(masks.shape).toEqual([ROWS, SLOTS, ...IMAGE_SIZE]);
    const close = (actual: tf.Tensor, wanted: readonly number[][][][]): void => {
      const flat = wanted.flat(3);
      actual.dataSync().forEach((value, i) => expect(value).toBeCloseTo(flat[i]!, 4));
    };
    close(
      masks,
      expected.map((one) => one.masks),
    );
    close(
      loss.reconstruct(inputs()),
      expected.map((one) => one.image),
    );
  });

  it('has the gradients of the definition, by differences', () => {
    const parameters = loss.namedParameters();
    const { fSlots } = inputs().outputs;
    const { grads } = tf
      .engine()
      .gradients(
        () => loss.compute({ ...inputs(), outputs: { ...inputs().outputs, fSlots } }, 'mean') as tf.Scalar,
        [...parameters.values(), fSlots!],
      );
    const values = valuesOf(parameters);
    const slots = [0, 1].map(slotsOf);
    const plain = plainOf(choice);
    const total = (): number =>
      [0, 1].reduce((sum, row) => sum + plainLoss(plain, values, slots[row]!, imageOf(row)).loss / 2, 0);
    const STEP = 1e-5;
    const difference = (of: Float64Array, i: number): number => {
      const before = of[i]!;
      const at = [before + STEP, before - STEP].map((value) => {
        of[i] = value;
        return total();
      });
      of[i] = before;
      return (at[0]! - at[1]!) / (2 * STEP);
    };
    [...parameters.keys()].forEach((name, p) => {
      const gradient = grads[p]!.dataSync();
      const some = [0, Math.floor(gradient.length / 3), gradient.length - 1]; // of each parameter three
      for (const i of some) expect([name, i, gradient[i]]).toEqual([name, i, near(difference(values[name]!, i))]);
    });
    const ofSlots = grads.at(-1)!.dataSync();
    for (const i of [0, 5, 11]) expect(ofSlots[i]).toEqual(near(difference(slots[0]!, i)));
    for (const i of [0, 5, 11]) expect(ofSlots[SLOTS * WIDTH + i]).toEqual(near(difference(slots[1]!, i)));
  });
});

/** To three digits. */
function near(value: number): unknown {
  return expect.closeTo(value, 3);
}

describe('slot-mixture', () => {
  it('weighs the entropy of areas more and more as training goes on, and in full afterwards', () => {
    const loss = make({ area_entropy: 2, area_entropy_from: 0.25, area_entropy_over: 0.5 });
    const weightAt = (mode: Mode): number => {
      const logged: Record<string, number> = {};
      const log = (name: string, value: tf.Scalar | number): void => {
        logged[name] = (value as tf.Scalar).dataSync()[0]!;
      };
      const value = loss.compute(inputs(mode, log), 'mean').dataSync()[0]!;
      return (value - logged['mse']!) / logged['area_entropy']!;
    };
    const at = (progress: number): number => weightAt({ training: true, step: 0, progress });
    expect([0, 0.25, 0.5, 0.75, 0.9].map(at)).toEqual([0, 0, 1, 2, 2].map((weight) => expect.closeTo(weight, 4)));
    expect(weightAt(TRAINED)).toBeCloseTo(2, 4);
    const atOnce = make({ area_entropy: 2, area_entropy_from: 0, area_entropy_over: 0 });
    const value = atOnce.compute(inputs({ training: true, step: 0, progress: 0 }), 'mean').dataSync()[0];
    expect(value).toBe(atOnce.compute(inputs(), 'mean').dataSync()[0]);
  });

  it('paints no brighter than white and no darker than black where a slot has one colour', () => {
    const loss = make({ color: 'flat' });
    const strong = tf.mul<tf.Tensor3D>(tf.tensor3d(slotValues, [ROWS, SLOTS, WIDTH]), 1000);
    const batch = lossInputs({ fSlots: strong, pSlots: strong }, { mode: TRAINED });
    const painted = loss.reconstruct(batch).arraySync();
    for (const image of painted) {
      image.forEach((channel, c) => {
        const { mean, std } = NORMALIZATION;
        for (const value of channel.flat()) {
          expect(value).toBeGreaterThanOrEqual(-mean[c]! / std[c]! - 1e-5);
          expect(value).toBeLessThanOrEqual((1 - mean[c]!) / std[c]! + 1e-5);
        }
      });
    }
  });

  it('says which cells fit where they do not', () => {
    expect(() => make({ cell: 4 })).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        message: expect.stringContaining('4×6') as string,
        hints: ['losses.l_recon.cell=2'],
      }),
    );
  });
});
