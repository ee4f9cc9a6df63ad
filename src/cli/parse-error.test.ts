import { Args, Flags, Parser } from '@oclif/core';
import { isReportedError } from '../sdk/errors';
import { imageSizeFlag, integerFlag, oneOf } from './flags';
import { explainParseError } from './parse-error';

const command = {
  id: 'data:show',
  strict: true,
  args: {
    file: Args.string({ description: 'A file.', required: true }),
    other: Args.string({ required: true }),
  },
  flags: {
    index: integerFlag({ min: 1 }),
    offset: integerFlag(),
    format: Flags.custom<'onnx' | 'zip'>(oneOf(['onnx', 'zip']))({ required: true }),
    output: Flags.string({ required: true, exclusive: ['format'] }),
    'image-size': imageSizeFlag(),
  },
};

const ARGS = ['a', 'b'];
const FORMAT = ['--format', 'zip'];

/** The message, and what it suggests. */
async function mistake(...argv: string[]): Promise<readonly [string, readonly string[]]> {
  const error = explainParseError(await Parser.parse(argv, command).catch((thrown: unknown) => thrown), command);
  if (!isReportedError(error)) throw new Error('not a UsageError', { cause: error });
  return [error.message, error.hints];
}

test.each<[string[], string]>([
  [[...ARGS, '--idex', '1'], 'There is no flag --idex. Did you mean --index?'],
  [[...ARGS, '--idex=1', '--qqqqq'], 'There is no flag --idex and no flag --qqqqq. Did you mean --index?'],
  [[...ARGS, '--index', '0'], '--index should be an integer greater than or equal to 1, not "0".'],
  [[...ARGS, '--index', '1.5'], '--index should be an integer, not "1.5".'],
  [[...ARGS, '--offset', ''], '--offset should be an integer, not "".'],
  [[...ARGS, '--format', 'a b'], '--format should be one of onnx, zip, not "a b".'],
  [[...ARGS, '--format'], 'Flag --format expects a value.'],
  [['a', ...FORMAT], 'An argument is missing:\nother'],
  [FORMAT, '2 arguments are missing:\nfile  A file.\nother'],
  [[...ARGS, 'c', ...FORMAT], 'Unexpected argument: c.'],
  [[...ARGS, ...FORMAT], 'The flag --output is missing.'],
  [ARGS, 'The flag --format is missing.\nThe flag --output is missing.'],
  [[...ARGS, ...FORMAT, '--output', 'x'], '--format and --output cannot be used together.'],
])('%j: a sentence, and the help of the command', async (argv, message) => {
  expect(await mistake(...argv)).toEqual([message, ['osc data show --help']]);
});

test('a flag that knows better suggests it', async () => {
  expect(await mistake(...ARGS, '--image-size', '48')).toEqual([
    '--image-size should be a height and a width, not "48".',
    ['--image-size 240,320'],
  ]);
});

test('numbers and words are read', async () => {
  const flags = { index: command.flags.index, offset: command.flags.offset };
  const parsed = await Parser.parse(['--index', '7', '--offset', '-3'], { flags });
  expect(parsed.flags).toEqual({ index: 7, offset: -3 });
});
