import { ObjectQuestions } from './object-questions';

const numbered = (name: string, count: number) => ({
  name,
  values: Array.from({ length: count }, (_, i) => `${name} ${i}`),
});
const questions = new ObjectQuestions([
  numbered('size', 2),
  numbered('color', 8),
  numbered('material', 2),
  numbered('shape', 3),
]);

/** Scenes of a background and three objects, the last of them not there. */
function scene(change: Record<string, number[] | undefined> = {}, numBackground?: number) {
  const table: Record<string, number[] | undefined> = {
    visibility: [1, 1, 1, 0],
    size: [0, 1, 2, 0],
    color: [0, 1, 8, 0],
    material: [0, 1, 2, 0],
    shape: [0, 2, 3, 0],
    ...change,
  };
  const known = Object.entries(table).flatMap(([name, values]) =>
    values === undefined ? [] : [[name, { values: Float32Array.from(values), shape: [values.length] }] as const],
  );
  return {
    index: 7,
    original: { attributes: Object.fromEntries(known), ...(numBackground !== undefined && { numBackground }) },
  };
}

const answered = (sample: ReturnType<typeof scene>): number[] =>
  [...questions.answer(sample).entries()].filter(([, answer]) => answer === 1).map(([question]) => question);

test('a question a combination, the last attribute varying fastest', () => {
  expect(questions.count).toBe(96);
  expect(answered(scene())).toEqual([1, 95]);
  expect(answered(scene({ color: [0, 3, 3, 0] }))).toEqual([(2 * 2 + 0) * 3 + 1, 48 + (2 * 2 + 1) * 3 + 2]);
});

test('two objects of one kind are one answer, what is not visible is none, the background is no object', () => {
  const twins = { size: [0, 1, 1, 0], color: [0, 1, 1, 0], material: [0, 1, 1, 0], shape: [0, 1, 1, 0] };
  expect(answered(scene(twins))).toEqual([0]);
  expect(answered(scene({ visibility: [1, 0, 1, 0] }))).toEqual([95]);
  expect(answered(scene({ visibility: [0, 1, 0, 0] }))).toEqual([1]);
  expect(answered(scene({ visibility: [1, 0, 0, 0] }))).toEqual([]);
  expect(answered(scene({}, 2))).toEqual([95]);
});

test('what is missing or cannot be is named', () => {
  expect(questions.missing(scene({ size: undefined, visibility: undefined }).original)).toEqual(['visibility', 'size']);
  expect(questions.missing({})).toHaveLength(5);
  expect(() => questions.answer(scene({ shape: undefined }))).toThrow(/test image 7 .* It has no shape\./);
  expect(() => questions.answer(scene({ color: [0, 1, 9, 0] }))).toThrow(/color of its visible object 2 is 9,/);
  expect(() => questions.answer(scene({ size: [0, 0, 1, 0] }))).toThrow(/size of its visible object 1 is 0,/);
});
