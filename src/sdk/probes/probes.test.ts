import { silentProgress } from '../logger';
import { RandomSource } from '../random';
import { checkProbeSplit, ProbeAdamW, runProbeSteps, splitForProbe } from './index';

const LENGTH = 5;

test.each([1e-3, 3e-2])("the optimizer is torch's AdamW, worked out in float64, at a rate of %d", (rate) => {
  const random = new RandomSource(11);
  const [moved, left] = ['moved', 'left'].map((purpose) => random.stream(purpose).normals(LENGTH)) as [
    Float32Array,
    Float32Array,
  ];
  const [ofMoved, ofLeft] = [Array.from(moved), Array.from(left)];
  const optimizer = new ProbeAdamW([moved, left], rate);
  const [m, v] = [ofMoved.map(() => 0), ofMoved.map(() => 0)];
  for (let t = 1; t <= 10; t++) {
    const gradient = random.stream('gradient', t).normals(LENGTH);
    optimizer.step([gradient, new Float32Array(LENGTH)]);
    gradient.forEach((g, i) => {
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.999 * v[i]! + 0.001 * g ** 2;
      const adam = m[i]! / (1 - 0.9 ** t) / (Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-8);
      ofMoved[i] = ofMoved[i]! * (1 - rate * 1e-2) - rate * adam;
    });
  }
  // without a gradient there is weight decay alone
  for (let i = 0; i < LENGTH; i++) {
    expect(moved[i]).toBeCloseTo(ofMoved[i]!, 5);
    expect(left[i]).toBeCloseTo(ofLeft[i]! * (1 - rate * 1e-2) ** 10, 5);
  }
});

test('steps one after the other, with a last update of the progress; fewer where no more are needed', async () => {
  const updates: (readonly [number, string | undefined])[] = [];
  const progress = { ...silentProgress, update: (done: number, note?: string) => updates.push([done, note]) };
  const seen: number[] = [];
  await runProbeSteps({ label: 'Probe', numSteps: 4, progress }, (index) => {
    seen.push(index);
    return { note: `step ${index}` };
  });
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(updates.at(-1)).toEqual([4, 'step 3']);
  await runProbeSteps({ label: 'Probe', numSteps: 4, progress }, (index) => ({ done: index === 1 }));
  expect(updates.at(-1)).toEqual([4, undefined]);
});

test('long steps let others get their turn', async () => {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  await runProbeSteps({ label: 'Probe', numSteps: 2, progress: silentProgress }, (index) => {
    expect(turned).toBe(index === 1);
    const start = performance.now();
    while (performance.now() - start < 110); // longer than a turn
    return {};
  });
});

test('the first images to train on, the others to measure', () => {
  expect(splitForProbe('mine', 0.75, [1, 2, 3, 4, 5])).toEqual([[1, 2, 3], [4, 5]]); // prettier-ignore
  expect(() => checkProbeSplit('mine', 0.75, 2)).not.toThrow();
  expect(() => checkProbeSplit('mine', 0.75, 1)).toThrow(/evaluator mine .* of 1 image a split of 0.75 leaves nothing/);
  expect(() => splitForProbe('mine', 0.2, [1, 2, 3, 4])).toThrow(/cannot split the 4 images/);
});
