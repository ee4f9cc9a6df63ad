import { sceneFigure } from './scene-figure';

const [height, width] = [128, 160];
const image = new Uint8Array(height * width * 3).fill(100);

test('an image alone is one cell', () => {
  const { width: figureWidth, pixels } = sceneFigure({ image, height, width });
  expect(figureWidth).toBe(width + 8);
  const inside = ((height >> 1) * figureWidth + (figureWidth >> 1)) * 3;
  expect([...pixels.subarray(inside, inside + 3)]).toEqual([100, 100, 100]);
});

test('image, overlay and the masks that have pixels', () => {
  const masks = new Uint8Array(4 * height * width);
  masks.fill(255, 0, height * width);
  masks.fill(0, 0, width);
  masks.fill(255, 2 * height * width, 2 * height * width + width); // object 1 and 3 cannot be seen
  const figure = sceneFigure({ image, height, width, masks, numMasks: 4 });
  expect(figure.width).toBe(4 * (width + 4) + 4);
  const top = figure.height - 4 - height;
  const pixel = (cell: number, y: number): number[] => {
    const at = ((top + y) * figure.width + 4 + cell * (width + 4) + 10) * 3;
    return [...figure.pixels.subarray(at, at + 3)];
  };
  expect(pixel(0, 0)).toEqual([100, 100, 100]);
  expect(pixel(1, 1)).toEqual([100, 100, 100]); // the background is not tinted
  expect(pixel(1, 0)).not.toEqual([100, 100, 100]);
  expect([pixel(2, 0), pixel(2, 1)]).toEqual([
    [0, 0, 0],
    [255, 255, 255],
  ]);
  expect([pixel(3, 0), pixel(3, 1)]).toEqual([
    [255, 255, 255],
    [0, 0, 0],
  ]);
});

test('no mask of the background is tinted, and the first object has the first colour', () => {
  const masks = new Uint8Array(3 * height * width);
  masks.fill(255, 0, width); // sky
  masks.fill(255, height * width + width, 2 * height * width); // floor, all below
  masks.fill(0, 2 * height * width - width, 2 * height * width);
  masks.fill(255, 3 * height * width - width); // the object, last row
  const rows = (numBackground: number): number[][] => {
    const figure = sceneFigure({ image, height, width, masks, numMasks: 3, numBackground });
    const top = figure.height - 4 - height;
    return [0, 1, height - 1].map((y) => {
      const at = ((top + y) * figure.width + 4 + (width + 4) + 10) * 3;
      return [...figure.pixels.subarray(at, at + 3)];
    });
  };
  const plain = [100, 100, 100];
  const [sky, floor, object] = rows(2);
  expect([sky, floor]).toEqual([plain, plain]);
  expect(object).not.toEqual(plain);
  expect(rows(1)[1]).toEqual(object);
});

test('small images are enlarged', () => {
  const figure = sceneFigure({ image: new Uint8Array(35 * 35 * 3), height: 35, width: 35 });
  expect(figure.width).toBe(4 * 35 + 8);
});
