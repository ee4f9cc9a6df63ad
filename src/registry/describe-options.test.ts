import { z } from 'zod';
import { describeOptions } from './describe-options';

test.each<[z.ZodType, string, unknown]>([
  [z.int().positive().default(3), 'integer > 0', 3],
  [z.int().default(3), 'integer', 3],
  [z.number().min(0).max(1).default(0.5), 'number >= 0, <= 1', 0.5],
  [z.string().default('x'), 'string', 'x'],
  [z.boolean().default(false), 'boolean', false],
  [z.enum(['mean', 'sum']).default('sum'), '"mean" | "sum"', 'sum'],
  [z.int().nullable().default(null), 'integer | null', null],
  [z.array(z.number()).length(2).default([4, 4]), 'number[2]', [4, 4]],
  [z.array(z.int().positive()).default([]), '(integer > 0)[]', []],
  [z.tuple([z.number(), z.string()]).default([1, 'a']), '[number, string]', [1, 'a']],
  [z.literal(7).default(7), '7', 7],
  [z.unknown().default(1), 'any', 1],
])('case %#', (schema, type, value) => {
  expect(describeOptions(z.strictObject({ key: schema.describe('what it is') }))).toEqual([
    { name: 'key', type, required: false, default: value, description: 'what it is' },
  ]);
});

test('an option without a default is required', () => {
  expect(describeOptions(z.strictObject({ root: z.string().describe('a folder') }))).toEqual([
    { name: 'root', type: 'string', required: true, description: 'a folder' },
  ]);
});
