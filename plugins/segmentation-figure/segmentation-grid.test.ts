import { slotColor, type Canvas } from 'osc-trainer/sdk/image';
import { segmentationGrid, type GridScene, type SlotMaps } from './segmentation-grid';

const pixel = (canvas: Canvas, x: number, y: number): number[] =>
  Array.from(canvas.pixels.subarray((y * canvas.width + x) * 3, (y * canvas.width + x) * 3 + 3));

describe('segmentationGrid', () => {
  // two slots over a 2×1 grid of tokens on a 32×32 image: slot 0 looks at the upper half, slot 1 at the lower one
  const size = 32;
  const image = new Uint8Array(size * size * 3).fill(200);
  const masks = new Uint8Array(2 * size * size);
  masks.fill(255, 0, (size * size) / 2); // background above
  masks.fill(255, size * size + (size * size) / 2); // the object below
  const attention: SlotMaps = { values: Float32Array.of(1, 0, 0, 1), size: [2, 1] };
  const scene: GridScene = { image, attention, lossMasks: new Map(), masks, numMasks: 2 };
  const canvas = segmentationGrid([scene, scene], { imageSize: [size, size], numSlots: 2 });
  const scale = 3; // 96 / 32
  const cell = (column: number, row: number): { x: number; top: number; bottom: number } => ({
    x: 4 + column * (size * scale + 4) + 10,
    top: 26 + row * (size * scale + 4) + 10,
    bottom: 26 + row * (size * scale + 4) + size * scale - 10,
  });

  test('has a column for the input, each slot, the slots and the truth', () => {
    expect([canvas.width, canvas.height]).toEqual([5 * (size * scale + 4) + 4, 26 + 2 * (size * scale + 4)]);
  });

  test('masks of the background look alike in the truth', () => {
    const room = segmentationGrid([{ ...scene, numBackground: 2 }], {
      imageSize: [size, size],
      numSlots: 2,
    });
    const { x, top, bottom } = cell(4, 0);
    expect([pixel(room, x, top), pixel(room, x, bottom)]).toEqual([
      [70, 70, 70],
      [70, 70, 70],
    ]);
  });

  test.each([0, 1])('row %i', (row) => {
    const at = (column: number): number[][] => {
      const { x, top, bottom } = cell(column, row);
      return [pixel(canvas, x, top), pixel(canvas, x, bottom)];
    };
    const full = [200, 200, 200];
    const faint = [24, 24, 24];
    expect(at(0)).toEqual([full, full]);
    expect(at(1)).toEqual([full, faint]);
    expect(at(2)).toEqual([faint, full]);
    expect(at(3)).toEqual([[...slotColor(0)], [...slotColor(1)]]);
    expect(at(4)).toEqual([[70, 70, 70], [...slotColor(0)]]);
  });

  test('masks of a loss stand in a row below their scene, at their own resolution', () => {
    // slot 1 has all but the last column of the image
    const values = Float32Array.from({ length: 2 * 4 }, (_, i) => Number(i < 4 ? i === 3 : i !== 7));
    const lossMasks = new Map([['l_recon', { values, size: [1, 4] as const }]]);
    const both = segmentationGrid([{ ...scene, lossMasks }, scene], { imageSize: [size, size], numSlots: 2 });
    expect([both.width, both.height]).toEqual([canvas.width, 26 + 3 * (size * scale + 4)]);
    const stepY = size * scale + 4;
    const row = (of: Canvas, number: number): number[] =>
      Array.from(of.pixels.subarray((26 + number * stepY) * of.width * 3, (26 + (number + 1) * stepY) * of.width * 3));
    expect(row(both, 0)).toEqual(row(canvas, 0));
    expect(row(both, 2)).toEqual(row(canvas, 1));
    const segmentation = cell(3, 1);
    const right = segmentation.x - 10 + size * scale - 5;
    expect(pixel(both, segmentation.x, segmentation.top)).toEqual([...slotColor(1)]);
    expect(pixel(both, right, segmentation.top)).toEqual([...slotColor(0)]);
    expect(pixel(both, cell(1, 1).x, segmentation.top)).toEqual([24, 24, 24]);
    expect(pixel(both, cell(2, 1).x, segmentation.top)).toEqual([200, 200, 200]);
    expect(pixel(both, cell(4, 1).x, segmentation.top)).toEqual([255, 255, 255]); // the truth is above
  });

  test('slots without attention maps are blank', () => {
    const blank = segmentationGrid([{ ...scene, attention: null }], { imageSize: [size, size], numSlots: 2 });
    const { x, top } = cell(1, 0);
    expect(pixel(blank, x, top)).toEqual([255, 255, 255]);
    expect(pixel(blank, cell(0, 0).x, top)).toEqual([200, 200, 200]);
  });
});
