import { Canvas, captionHeight, captionWidth } from './canvas';

const INK = [1, 2, 3] as const;
const inkOf = ({ pixels }: Canvas): number => pixels.filter((_, i) => i % 3 === 0 && pixels[i] === INK[0]).length;

test('what lies beyond the edges is cut off, on every side', () => {
  const canvas = new Canvas(5, 4, [255, 255, 255]);
  canvas.line(-3, -3, 9, 9, INK, 1);
  expect(inkOf(canvas)).toBe(4); // the diagonal
  canvas.caption('8', 0, -100, INK, 2);
  canvas.caption('8', 0, 100, INK, 2);
  expect(inkOf(canvas)).toBe(4);
});

test('a caption lies in the middle, in the space that it says it takes', () => {
  const scale = 2;
  const [width, height] = [captionWidth('88', scale), captionHeight(scale)];
  const canvas = new Canvas(width, height, [255, 255, 255]);
  canvas.caption('88', width / 2, 0, INK, scale);
  const whole = new Canvas(3 * width, 3 * height, [255, 255, 255]);
  whole.caption('88', (3 * width) / 2, height, INK, scale);
  expect([width, height]).toEqual([22, 14]);
  expect(inkOf(canvas)).toBe(inkOf(whole));
  expect(inkOf(canvas)).toBe(2 * 17 * scale ** 2); // an 8 has 17 dots
});

test('images are enlarged pixel by pixel', () => {
  const canvas = new Canvas(4, 2, [0, 0, 0]);
  canvas.draw(Uint8Array.of(9, 9, 9, 7, 7, 7), 1, 2, 0, 0, 2);
  expect([...canvas.pixels].filter((_, i) => i % 3 === 0)).toEqual([9, 9, 7, 7, 9, 9, 7, 7]);
});
