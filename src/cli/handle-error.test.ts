import { PluginError, RunError, UsageError } from '../sdk/errors';
import { noteForeignCode } from '../util/foreign-code';
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

test('an error of a plugin names the plugin, with the stack of what it threw', () => {
  const cause = new Error('boom');
  const failure = describeError(new PluginError(['osc-plugin-x'], 'The tracker "x" of osc-plugin-x threw.', cause));
  expect(failure).toMatchObject({ code: 'plugin', exitCode: 70 });
  expect(failure.message).toContain('The tracker "x" of osc-plugin-x threw.\nError: boom\n    at ');
  expect(failure.try).toEqual(['report this to the authors of osc-plugin-x, with the text above']);
});

test('an error with code of a plugin in its stack is the plugin’s', () => {
  noteForeignCode({ kind: 'plugin', name: 'osc-plugin-y', path: '/somewhere/y' });
  const error = new TypeError('y is not a function');
  error.stack = 'TypeError: y is not a function\n    at f (/somewhere/y/index.js:1:2)';
  expect(describeError(error)).toMatchObject({
    code: 'plugin',
    message: `Code of osc-plugin-y threw: ${error.stack}`,
    exitCode: 70,
  });
  expect(describeError(null)).toMatchObject({ code: 'bug', message: 'null' });
});

test('a limit of open files is no bug', () => {
  const error = Object.assign(new Error("EMFILE: too many open files, open '/x'"), { code: 'EMFILE' });
  expect(describeError(error)).toMatchObject({
    code: 'run',
    message: "This process may not open more files: EMFILE: too many open files, open '/x'.",
    try: [expect.stringContaining('ulimit -n')],
    exitCode: 1,
  });
});
