import { slotMapFigures } from './slot-maps';

/** `[n, S, N]` of maps by image, slot and token. */
function figures(maps: number[][][]): ReturnType<typeof slotMapFigures> {
  return slotMapFigures(maps.flat(2), [maps.length, maps[0]!.length, maps[0]![0]!.length]);
}

test('each slot its own tokens, the same ones in every image', () => {
  const image = [
    [1, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
  const { entropy, inUse, perToken, agreement } = figures([image, image, image]);
  expect(entropy).toBeCloseTo(-(0.5 * Math.log(0.5) + 2 * 0.25 * Math.log(0.25)), 10);
  expect([inUse, perToken]).toEqual([3, 1]);
  expect(agreement).toBeCloseTo(1, 10);
});

test('other tokens in every image: the maps do not agree', () => {
  const at = (token: number): number[][] => {
    const object = [0, 1, 2, 3].map((t) => Number(t === token));
    return [object.map((value) => 1 - value), object];
  };
  // of four images that have it in another place each, a slot and the mean of the others are opposite
  expect(figures([at(0), at(1), at(2), at(3)]).agreement).toBeCloseTo(-1, 10);
});

test('one slot has all: no entropy, one in use, nothing that could agree', () => {
  const image = [
    [1, 1],
    [0, 0],
  ];
  expect(figures([image, image])).toEqual({ numSlots: 2, entropy: 0, inUse: 1, perToken: 1, agreement: null });
});

test('slots that share all tokens', () => {
  const { entropy, perToken } = figures([
    [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
  ]);
  expect(entropy).toBeCloseTo(Math.log(2), 10);
  expect(perToken).toBeCloseTo(2, 10);
});

test('maps over tokens count by their share of a token; a slot counts from one token in a hundred', () => {
  const wide = Array.from({ length: 200 }, (_, token) => (token === 0 ? 0.001 : 0.005));
  const narrow = wide.map((_, token) => (token === 0 ? 0.1 : 0));
  expect(figures([[wide, narrow]]).inUse).toBe(1);
  const two = wide.map((_, token) => (token < 2 ? 0.1 : 0));
  expect(figures([[wide, two]]).inUse).toBe(2);
  const scaled = (factor: number): number[][][] => [
    [wide.map((value) => factor * value), two.map((value) => factor * value)],
  ];
  expect(figures(scaled(7)).entropy).toBeCloseTo(figures(scaled(1)).entropy, 10);
});

test('a single image agrees with none', () => {
  expect(
    figures([
      [
        [1, 0],
        [0, 1],
      ],
    ]).agreement,
  ).toBeNull();
});
