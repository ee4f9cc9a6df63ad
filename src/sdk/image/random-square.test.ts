import { RandomSource } from '../random';
import { prepareTestImage } from './prepare-test';
import { drawRandomSquare, prepareSquare } from './random-square';

const [HEIGHT, WIDTH, SIDE] = [4, 7, 4];
const NORMALIZATION = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] } as const;
const image = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => (i * 37) % 256);
const source = { image, height: HEIGHT, width: WIDTH };

/** Pixels of the square whose left edge is given, mirrored or not. */
function squareOf(left: number, flip: boolean): Uint8Array {
  const rows = Array.from({ length: SIDE }, (_, y) =>
    Array.from({ length: SIDE }, (_, x) => {
      const at = (y * WIDTH + left + (flip ? SIDE - 1 - x : x)) * 3;
      return Array.from(image.subarray(at, at + 3));
    }),
  );
  return Uint8Array.from(rows.flat(2));
}

test.each([
  [0, false],
  [3, false],
  [2, true],
])('the square at %i, mirrored: %p, is prepared as a test image', (left, flip) => {
  const crop = prepareSquare(source, { top: 0, left, side: SIDE, flip }, [2, 2], NORMALIZATION);
  const alone = { image: squareOf(left, flip), height: SIDE, width: SIDE };
  expect(crop).toEqual(prepareTestImage(alone, [2, 2], NORMALIZATION));
});

test('all places are drawn alike, of a wide and of a tall image, half of them mirrored', () => {
  const random = new RandomSource(1);
  const places = new Map<string, number>();
  let flips = 0;
  for (let i = 0; i < 4000; i++) {
    const { top, left, side, flip } = drawRandomSquare(random.stream('place', i), i % 2 ? [4, 7] : [7, 4]);
    expect(side).toBe(4);
    flips += Number(flip);
    places.set(`${top} ${left}`, (places.get(`${top} ${left}`) ?? 0) + 1);
  }
  expect([...places.keys()].sort()).toEqual(['0 0', '0 1', '0 2', '0 3', '1 0', '2 0', '3 0']);
  expect(places.get('0 0')! / 4000).toBeCloseTo(1 / 4, 1); // of a wide and of a tall one
  for (const place of ['0 1', '0 3', '1 0', '3 0']) expect(places.get(place)! / 4000).toBeCloseTo(1 / 8, 1);
  expect(flips / 4000).toBeCloseTo(0.5, 1);
});
