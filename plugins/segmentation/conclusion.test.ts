import { metricName, type Row } from './columns';
import { concludeFrom, NUM_OBJECTS } from './conclusion';

type Scores = readonly [ari: number, found: number];

const LABELS: Readonly<Record<string, string>> = {
  '': 'attention, first',
  l_recon: 'masks of l_recon',
  untrained: 'untrained: attention, first',
  'blind/grid': 'blind: grid of 2x3',
  'blind/colours': 'blind: k-means of 7 colours',
  ceiling: 'ceiling: truth at 16x16 tokens',
};

function conclude(scores: Readonly<Record<string, Scores>>, numObjects = 900): string {
  const rows: Row[] = Object.keys(scores).map((key) => ({
    key,
    label: LABELS[key]!,
    baseline: key !== '' && key !== 'l_recon',
  }));
  const metrics = Object.fromEntries(
    rows.flatMap((row) => {
      const [ari, found] = scores[row.key]!;
      return [
        [metricName('ari', row), ari],
        [metricName('found', row), found],
      ];
    }),
  );
  return concludeFrom({ ...metrics, [NUM_OBJECTS]: numObjects }, rows);
}

const others = {
  untrained: [0.31, 0.1],
  'blind/grid': [0.01, 0],
  'blind/colours': [0.2, 0.3],
  ceiling: [0.9, 0.9],
} as const;

test('a model that finds objects: shares, the best blind baseline and the untrained model by name', () => {
  expect(conclude({ '': [0.69, 0.62], ...others })).toBe(
    'Objects: 62 % found (IoU > 0.5); ARI 0.69 against 0.20 for the best blind baseline (k-means of 7 colours) and ' +
      '0.31 untrained: the masks follow objects.',
  );
});

test.each<[string, Record<string, Scores>, number | undefined, RegExp]>([
  ['some', { '': [0.69, 0.4], ...others }, undefined, /: the masks follow some of the objects\.$/],
  [
    'objects in one lump',
    { '': [0.7, 0.05], ...others },
    undefined,
    /not chance, but few objects have a slot of their own/,
  ],
  [
    'blind tiles',
    { '': [0.04, 0.03], ...others, untrained: [0, 0] },
    undefined,
    /no better than blind tiles; this model has not found objects\.$/,
  ],
  ['at the margin', { '': [0.06, 0.05], ...others, untrained: [0, 0] }, undefined, /no better than blind tiles/],
  ['worse than untrained', { '': [0.25, 0.12], ...others }, undefined, /no better than the untrained model/],
  ['a background in pieces', { '': [0.05, 0.6], ...others }, undefined, /the masks follow objects\.$/],
  [
    'flat colours',
    { '': [0.86, 0.9], ...others, 'blind/colours': [1, 1] },
    undefined,
    /the masks follow objects, and k-means of colours does as well or better\.$/,
  ],
  [
    'better in ARI alone',
    { '': [0.7, 0.5], ...others, 'blind/colours': [0.2, 0.71] },
    undefined,
    /the masks follow objects; k-means of colours finds more of them \(71 %\)\.$/,
  ],
  ['few objects', { '': [0.7, 0.5], ...others }, 12, /12 objects are too few to tell\.$/],
  ['one object', { '': [0.7, 1], ...others }, 1, /1 object is too few to tell\.$/],
])('%s', (_, scores, numObjects, sentence) => {
  expect(conclude(scores, numObjects)).toMatch(sentence);
});

test('of several masks the best are named; the ceiling is no model', () => {
  const sentence = conclude({ '': [0.5, 0.3], l_recon: [0.79, 0.7], ...others });
  expect(sentence).toMatch(/^Objects: 70 % found by masks of l_recon \(IoU > 0\.5\); ARI 0\.79 against/);
});

test('without baselines nothing is claimed, without objects nothing is said', () => {
  expect(conclude({ '': [0.7, 0.5] })).toBe(
    'Objects: 50 % found (IoU > 0.5); ARI 0.70. No baselines were measured to compare it with.',
  );
  expect(concludeFrom({ 'test/ari': 0.5 }, [{ key: '', label: 'attention', baseline: false }])).toBe(
    'No image of the test split has an object to be found.',
  );
});
