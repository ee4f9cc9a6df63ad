import { PluginError, RunError, UsageError } from '../sdk/errors';
import { describeError } from './handle-error';

test('a UsageError: what, why and what to try; code 2', () => {
  expect(describeError(new UsageError('It broke.', 'You did it.', ['undo it']))).toEqual({
    code: 'usage',
    message: 'It broke. You did it.',
    try: ['undo it'],
    exitCode: 2,
  });
});

test('a RunError: code 1', () => {
  expect(describeError(new RunError('The disk is full.'))).toMatchObject({ code: 'run', exitCode: 1 });
});

test('anything else is a bug: its stack, and code 70', () => {
  const failure = describeError(new TypeError('x is undefined'));
  expect(failure).toMatchObject({ code: 'bug', exitCode: 70 });
  expect(failure.message).toMatch(/TypeError: x is undefined\n\s+at /);
  expect(describeError('thrown text')).toMatchObject({ code: 'bug', message: 'thrown text', exitCode: 70 });
});

test("oclif's parse errors become sentences", () => {
  const error = Object.assign(new Error('Nonexistent flag: --knd\nSee more help with --help'), {
    oclif: { exit: 2 },
    flags: ['--knd'],
    parse: { input: { flags: { kind: {}, plugin: {} }, context: { id: 'plugins:list' } } },
  });
  expect(describeError(error)).toEqual({
    code: 'usage',
    message: 'There is no flag --knd. Did you mean --kind?',
    try: ['osc plugins list --help'],
    exitCode: 2,
  });
});

test.each([
  [
    'Parsing --num-objects \n\tExpected an integer greater than or equal to 1 but received: 0',
    '--num-objects should be an integer greater than or equal to 1, not "0".',
  ],
  ['Parsing --index \n\tExpected an integer but received: ', '--index should be an integer, not "".'],
  ['Expected --format=a b to be one of: onnx, zip', '--format should be one of onnx, zip, not "a b".'],
  ['Missing 1 required arg:\nfile  A file.', 'An argument is missing:\nfile  A file.'],
  ['Missing 2 required args:\nfile  A file.\nname', '2 arguments are missing:\nfile  A file.\nname'],
  ['The following error occurred:\n  Missing required flag index', 'The flag --index is missing.'],
  [
    'The following errors occurred:\n  Missing required flag index\n  Missing required flag output',
    'The flag --index is missing.\nThe flag --output is missing.',
  ],
])("%j of oclif's becomes a sentence, with the command that was typed", (text, message) => {
  const error = Object.assign(new Error(`${text}\nSee more help with --help`), {
    oclif: { exit: 2 },
    parse: {},
    command: 'data:show',
  });
  expect(describeError(error)).toEqual({ code: 'usage', message, try: ['osc data show --help'], exitCode: 2 });
});

test('an error of a plugin names the plugin, with the stack of what it threw', () => {
  const cause = new Error('boom');
  const failure = describeError(new PluginError(['osc-plugin-x'], 'The tracker "x" of osc-plugin-x threw.', cause));
  expect(failure).toMatchObject({ code: 'plugin', exitCode: 70 });
  expect(failure.message).toContain('The tracker "x" of osc-plugin-x threw.\nError: boom\n    at ');
  expect(failure.try).toEqual(['report this to the authors of osc-plugin-x, with the text above']);
});
