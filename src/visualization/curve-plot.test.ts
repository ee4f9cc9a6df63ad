import type { CurvePlot } from '../sdk';
import { drawCurvePlot } from './curve-plot';
import { figurePath } from '../run';

const plot: CurvePlot = {
  name: 'test-plot',
  x: { label: 'step', range: [0, 200] },
  y: { label: 'loss', range: [0, 2] },
  curves: [
    { label: 'falls', points: [[0, 2], [200, 0]] }, // prettier-ignore
    { label: 'stays', points: [[0, 0.5], [200, 0.5]] }, // prettier-ignore
  ],
};
const [BLUE, RED] = [
  [0, 103, 165],
  [190, 0, 50],
];
/** Where the axes lie: below two lines for the curves, and the label of y. */
const [LEFT, TOP, SIDE] = [80, 10 + 4 * 24, 480];

test('curves lie where their numbers are, one colour each', () => {
  const canvas = drawCurvePlot(plot);
  const at = (x: number, y: number): number[] => {
    const start = ((TOP + SIDE - y * SIDE) * canvas.width + LEFT + x * SIDE) * 3;
    return Array.from(canvas.pixels.subarray(start, start + 3));
  };
  expect(at(0.25, 0.75)).toEqual(BLUE);
  expect(at(0.5, 0.5)).toEqual(BLUE);
  expect(at(0.5, 0.25)).toEqual(RED);
  expect(at(0.9, 0.25)).toEqual(RED);
  expect(at(0.9, 0.85)).toEqual([255, 255, 255]);
});

test('an axis may say where it is marked, and the points there are to be seen', () => {
  const named = { ...plot, x: { ...plot.x, ticks: [{ at: 50, label: 'few' }, { at: 200, label: 'many' }] } }; // prettier-ignore
  const [plain, marked] = [drawCurvePlot(plot), drawCurvePlot(named)];
  const colorAt = ({ pixels, width }: typeof plain, x: number, y: number): number[] =>
    Array.from(pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3));
  const [white, grid] = [255, 225].map((value) => [value, value, value]);
  // a grid line at 50, none in the middle
  expect(colorAt(marked, LEFT + 120, TOP + 100)).toEqual(grid);
  expect(colorAt(marked, LEFT + 240, TOP + 100)).toEqual(white);
  expect(colorAt(plain, LEFT + 240, TOP + 100)).toEqual(grid);
  // a square at the start of the red curve, wider than the line
  const y = TOP + SIDE - SIDE / 4;
  expect(colorAt(marked, LEFT + 3, y - 3)).toEqual(RED);
  expect(colorAt(plain, LEFT + 3, y - 3)).toEqual(white);
});

test('a band is pale, below its curve, and reaches from end to end', () => {
  const [falls] = plot.curves;
  const band = [[0, 1, 2], [100, 0.5, 1.5], [200, 0, 1]] as const; // prettier-ignore
  // no line of the grid where it is looked at
  const x = { ...plot.x, ticks: [{ at: 0, label: '0' }] };
  const canvas = drawCurvePlot({ ...plot, x, curves: [{ ...falls!, band }] });
  const top = TOP - 24; // one curve less
  const at = (x: number, y: number): number[] => {
    const start = ((top + SIDE - y * SIDE) * canvas.width + LEFT + x * SIDE) * 3;
    return Array.from(canvas.pixels.subarray(start, start + 3));
  };
  const pale = [199, 222, 235];
  // left and right of the middle, where two pieces meet, and at the last pixel
  for (const [x, y] of [[0.2, 0.45], [0.5, 0.4], [0.7, 0.45], [0.5, 0.7]]) expect(at(x!, y!)).toEqual(pale); // prettier-ignore
  expect(at(0.2, 0.3)).toEqual([255, 255, 255]);
  expect(at(0.5, 0.5)).toEqual(BLUE);
});

test('a value out of range is drawn at the edge', () => {
  const beyond = { ...plot, curves: [{ label: 'high', points: [[0, 5], [200, 5]] as const }] }; // prettier-ignore
  const canvas = drawCurvePlot(beyond);
  const top = 10 + 3 * 24;
  const start = (top * canvas.width + LEFT + 100) * 3;
  expect(Array.from(canvas.pixels.subarray(start, start + 3))).toEqual(BLUE);
});

test('figures are named by the epochs that are finished', () => {
  expect(figurePath('/run', 'vqa-roc', 5)).toBe('/run/figures/vqa-roc-epoch-0005.png');
});
