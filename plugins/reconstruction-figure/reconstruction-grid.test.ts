import { slotColor, type Canvas } from 'osc-trainer/sdk/image';
import { reconstructionGrid, type Reconstructed } from './reconstruction-grid';

const SIZE = 32;
const SCALE = 3; // 96 / 32
const image = new Uint8Array(SIZE * SIZE * 3).fill(100);
const painted = new Uint8Array(SIZE * SIZE * 3).fill(50);
// the upper half is three quarters of slot 1's, the lower half all of slot 2's; not normalised
const masks = Float32Array.of(1.5, 0, 0.5, 2);
const one: Reconstructed = { source: 'l_recon', painted, masks, maskSize: [2, 1] };

/** A pixel in the upper or lower half of a cell. */
function at(canvas: Canvas, column: number, row: number, half: 0 | 1): number[] {
  const x = 4 + column * (SIZE * SCALE + 4) + 10;
  const y = 26 + row * (SIZE * SCALE + 4) + (half === 0 ? 10 : SIZE * SCALE - 10);
  return Array.from(canvas.pixels.subarray((y * canvas.width + x) * 3, (y * canvas.width + x) * 3 + 3));
}
const gray = (value: number): number[] => [value, value, value];

test('has the input, the reconstruction, the masks together and each slot, a row an image', () => {
  const grid = reconstructionGrid([{ image, reconstructions: [one] }], { imageSize: [SIZE, SIZE], numSlots: 2 });
  expect([grid.width, grid.height]).toEqual([5 * (SIZE * SCALE + 4) + 4, 26 + SIZE * SCALE + 4]);
  const halves = (column: number): number[][] => [at(grid, column, 0, 0), at(grid, column, 0, 1)];
  expect(halves(0)).toEqual([gray(100), gray(100)]);
  expect(halves(1)).toEqual([gray(50), gray(50)]);
  expect(halves(2)).toEqual([[...slotColor(0)], [...slotColor(1)]]);
  expect(halves(3)).toEqual([gray(139), gray(255)]); // 0.75 * 100 + 0.25 * 255
  expect(halves(4)).toEqual([gray(216), gray(100)]);
});

test('has a row for every loss that reconstructs', () => {
  const other = { ...one, source: 'l_other', painted: image };
  const grid = reconstructionGrid([{ image, reconstructions: [one, other] }], {
    imageSize: [SIZE, SIZE],
    numSlots: 2,
  });
  expect(grid.height).toBe(26 + 2 * (SIZE * SCALE + 4));
  expect([at(grid, 1, 0, 0), at(grid, 1, 1, 0)]).toEqual([gray(50), gray(100)]);
});
