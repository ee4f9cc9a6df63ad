/** What is not finite spoils the same results, and gradients, as on the `cpu` backend: no engine loses it, or spreads it. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { CHECKS, differentiate, VARIANTS, type Values } from './engines.fixture';
import { DIFFERENTIABLE, type Case } from './op-cases.fixture';

/** One input gets one of each value drawn, at any place. */
const spoiled = (cases: fc.Arbitrary<Case>): fc.Arbitrary<Case> =>
  fc
    .record({
      drawn: cases,
      which: fc.nat(),
      values: fc.array(fc.constantFrom(NaN, Infinity, -Infinity), { minLength: 1, maxLength: 3 }),
      places: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
    })
    .map(({ drawn: { op, inputs }, which, values, places }) => {
      const changed = inputs.map((input, i): Values => {
        if (i !== which % inputs.length) return input;
        const data = input.data.slice();
        values.forEach((value, j) => (data[places[j]! % data.length] = value));
        return { ...input, data };
      });
      return { op, inputs: changed };
    });

/** Infinity of one engine may be NaN on another, where a product with what is nearly 0 is one with 0 there. */
const finite = (results: readonly Float32Array[]): string[] =>
  results.map((values) => Array.from(values, (value) => (Number.isFinite(value) ? '.' : 'x')).join(''));

beforeAll(() => {
  tf.enableProdMode();
});

test.each(DIFFERENTIABLE)('%s', async (_, cases) => {
  const property = fc.asyncProperty(spoiled(cases), async ({ op, inputs }) => {
    await tf.setBackend('cpu');
    const expected = finite(differentiate(op, inputs));
    for (const variant of VARIANTS) {
      await variant.use(2);
      expect({ variant: variant.name, finite: finite(differentiate(op, inputs)) }).toEqual({
        variant: variant.name,
        finite: expected,
      });
    }
  });
  await fc.assert(property, CHECKS);
});
