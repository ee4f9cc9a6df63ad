import type { SavedTensor } from '../sdk';
import { compareCheckpoints } from './compare-checkpoints';
import type { Checkpoint } from './checkpoint-state';

const tensor = (...values: number[]): SavedTensor => ({ shape: [values.length], data: Float32Array.from(values) });
type Compared = Parameters<typeof compareCheckpoints>[0];

const checkpoint = (change: Partial<Compared> = {}): Compared => ({
  position: { step: 4, epoch: 2, batch: 0 },
  model: new Map([
    ['b', tensor(1, 2)],
    ['a', tensor(0, NaN)],
  ]),
  losses: new Map([['losses.l_mine.w', tensor(3)]]),
  optimizer: new Map([['m.b', tensor(0.5, 0.5)]]),
  history: [
    { epoch: 0, train: { l_global: 2 }, val: { l_global: 3 } },
    { epoch: 1, train: { l_global: 1 }, val: {} },
  ],
  ...change,
});

test('the same to the bit, NaN too', () => {
  expect(compareCheckpoints(checkpoint(), checkpoint())).toEqual({
    equal: true,
    tensors: 4,
    differences: [],
    firstLoss: null,
    positions: { original: checkpoint().position, replay: checkpoint().position },
  });
});

test('which tensors differ, in the order of the model, in how many values and by how much', () => {
  const model: Checkpoint['model'] = new Map([
    ['a', tensor(-0, NaN)],
    ['b', tensor(1.5, -1)],
  ]);
  const { equal, differences } = compareCheckpoints(
    checkpoint(),
    checkpoint({ model, optimizer: new Map([['m.b', tensor(0.5, 0.25)]]) }),
  );
  expect(equal).toBe(false);
  expect(differences).toEqual([
    { part: 'model', name: 'b', values: { count: 2, differing: 2, largest: 3 } },
    { part: 'model', name: 'a', values: { count: 2, differing: 1, largest: 0 } }, // 0 and -0
    { part: 'optimizer', name: 'm.b', values: { count: 2, differing: 1, largest: 0.25 } },
  ]);
});

test.each<[string, Partial<Compared>, string]>([
  ['is missing', { losses: new Map() }, 'losses.l_mine.w'],
  [
    'has another shape',
    { losses: new Map([['losses.l_mine.w', { shape: [1, 1], data: Float32Array.of(3) }]]) },
    'losses.l_mine.w',
  ],
  [
    'holds integers',
    { losses: new Map([['losses.l_mine.w', { shape: [1], data: Int32Array.of(3) }]]) },
    'losses.l_mine.w',
  ],
])('one that %s cannot be compared by value', (_, change, name) => {
  for (const pair of [
    [checkpoint(), checkpoint(change)],
    [checkpoint(change), checkpoint()],
  ] as const) {
    expect(compareCheckpoints(...pair)).toMatchObject({
      equal: false,
      tensors: 4,
      differences: [{ part: 'losses', name, values: null }],
    });
  }
});

test('fewer steps are not the same, even with the same weights', () => {
  const position = { step: 3, epoch: 2, batch: 0 };
  expect(compareCheckpoints(checkpoint(), checkpoint({ position }))).toMatchObject({ equal: false, differences: [] });
});

test('the first loss that differs: training before validation, epoch by epoch', () => {
  const history: Checkpoint['history'] = [
    { epoch: 0, train: { l_global: 2 }, val: { l_global: 4 } },
    { epoch: 1, train: { l_global: 9 }, val: {} },
  ];
  expect(compareCheckpoints(checkpoint(), checkpoint({ history })).firstLoss).toEqual({
    epoch: 1,
    metric: 'l_global/val',
    original: 3,
    replay: 4,
  });
  expect(compareCheckpoints(checkpoint({ history: [] }), checkpoint()).firstLoss).toMatchObject({
    metric: 'l_global/train',
    original: null,
    replay: 2,
  });
});
