import type { Canvas } from './canvas';
import { glyphRows, GLYPH_HEIGHT, GLYPH_WIDTH } from './font';
import { colorOf } from './palette';
import { segmentationGrid, type GridScene } from './segmentation-grid';

const pixel = (canvas: Canvas, x: number, y: number): number[] =>
  Array.from(canvas.data.subarray((y * canvas.width + x) * 3, (y * canvas.width + x) * 3 + 3));

test('captions have a glyph for every character', () => {
  for (const character of 'input slots truth backbone global through the backbone 0123456789'.replace(/ /g, '')) {
    const rows = glyphRows(character);
    expect(rows).toHaveLength(GLYPH_HEIGHT);
    expect(rows.every((row) => row.length === GLYPH_WIDTH)).toBe(true);
    expect(rows.join('')).toContain('#');
  }
});

describe('segmentationGrid', () => {
  // two slots over a 2×1 grid of tokens on a 32×32 image: slot 0 looks at the upper half, slot 1 at the lower one
  const size = 32;
  const image = new Uint8Array(size * size * 3).fill(200);
  const masks = new Uint8Array(2 * size * size);
  masks.fill(255, 0, (size * size) / 2); // background above
  masks.fill(255, size * size + (size * size) / 2); // the object below
  const scene: GridScene = { image, attention: Float32Array.of(1, 0, 0, 1), masks, numMasks: 2 };
  const canvas = segmentationGrid([scene, scene], { imageSize: [size, size], grid: [2, 1], numSlots: 2 });
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
      grid: [2, 1],
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
    expect(at(3)).toEqual([[...colorOf(0)], [...colorOf(1)]]);
    expect(at(4)).toEqual([[70, 70, 70], [...colorOf(0)]]);
  });
});
