import { sharedRegion } from './shared-region';

/** `[n, S, P]` of masks by image, slot and pixel. */
function share(masks: number[][][]): number {
  return sharedRegion(masks.flat(2), [masks.length, masks[0]!.length, masks[0]![0]!.length]);
}

/** Four pixels, the last one of them an object's. */
const object = [0, 0, 0, 1];
const background = [1, 1, 1, 0];
const nothing = [0, 0, 0, 0];
const part = (of: number[], factor: number): number[] => of.map((value) => factor * value);

test('one slot for the background, one for the object: nothing is shared', () => {
  expect(share([[background, object, nothing]])).toBe(0);
});

test('two slots that have half of the background each share all of it', () => {
  expect(share([[part(background, 0.5), object, part(background, 0.5)]])).toBeCloseTo(3 / 4, 12);
  // a quarter and three quarters: half of it is held together
  expect(share([[part(background, 0.25), object, part(background, 0.75)]])).toBeCloseTo(3 / 8, 12);
});

test('two slots that part the background between them share nothing', () => {
  expect(share([[[1, 1, 0, 0], [0, 0, 1, 0], object]])).toBe(0); // prettier-ignore
});

test('the two slots that share most count, and the mean over images', () => {
  const shared = [part(background, 0.5), part(background, 0.5), object];
  const well = [background, nothing, object];
  expect(share([shared, well])).toBeCloseTo(3 / 8, 12);
  const both = [[0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 1, 0.4], [0, 0, 0, 0.6]]; // prettier-ignore
  expect(share([both])).toBeCloseTo(2 / 4, 12);
});

test('masks count by their share of a pixel; one slot alone shares with none', () => {
  expect(share([[part(background, 7), object, part(background, 7)]])).toBeCloseTo(3 / 4, 12);
  expect(share([[[1, 1, 1, 1]]])).toBe(0);
});
