import { rolloutGrid, type RolloutCrop } from './rollout-grid';

const size = 96; // drawn as it is
const crop = (withSlots: boolean): RolloutCrop => ({
  image: new Uint8Array(size * size * 3).fill(200),
  backbone: Float32Array.of(1, 0),
  global: Float32Array.of(0, 1),
  slots: withSlots ? { tokens: Float32Array.of(0, 1, 1, 0), image: Float32Array.of(1, 0, 0, 1) } : null,
});

test('one row a crop without slots', () => {
  const { width, height } = rolloutGrid([crop(false), crop(false)], { imageSize: [size, size], grid: [2, 1] });
  expect([width, height]).toEqual([4 + 3 * 100, 26 + 2 * 100]);
});

test('two rows a crop with slots: in the tokens, and through the backbone', () => {
  const canvas = rolloutGrid([crop(true)], { imageSize: [size, size], grid: [2, 1] });
  expect([canvas.width, canvas.height]).toEqual([4 + 5 * 100, 26 + 2 * 100]);
  /** Red at the top and at the bottom of a cell. */
  const cell = (column: number, row: number): number[] =>
    [5, size - 5].map((y) => canvas.pixels[((26 + 100 * row + y) * canvas.width + 4 + 100 * column + 5) * 3]!);
  const [bright, dark] = [252, 0];
  expect([0, 1, 2, 3, 4].map((column) => cell(column, 0))).toEqual([
    [200, 200],
    [bright, dark],
    [dark, bright],
    [dark, bright],
    [bright, dark],
  ]);
  expect([0, 3, 4].map((column) => cell(column, 1))).toEqual([
    [255, 255],
    [bright, dark],
    [dark, bright],
  ]);
});
