import { z } from 'zod';
import { parseOptions } from './options';

const options = z.strictObject({
  num_objects: z.int().positive().default(11).describe('slots'),
  range: z.tuple([z.number(), z.number()]).default([0, 1]).describe('a range'),
});
const manifest = { kind: 'obj_queries', name: 'ring', summary: 'In a ring', options } as const;

test('fills in defaults', () => {
  expect(parseOptions(manifest, { range: [1, 2] })).toEqual({ num_objects: 11, range: [1, 2] });
});

test('names every wrong option, and near names of unknown ones', () => {
  expect(() => parseOptions(manifest, { num_object: 3, num_objects: 0, range: [0, 'x'] })).toThrow(
    expect.objectContaining({
      name: 'UsageError',
      message: expect.stringMatching(
        /^The options of obj_queries "ring" are wrong: "num_objects": .*; "range\.1": .*; there is no option "num_object" \(did you mean num_objects\?\)\.$/,
      ) as string,
      hints: ['osc plugins inspect ring --kind obj_queries'],
    }),
  );
});
