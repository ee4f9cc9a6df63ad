import { unknownCommand } from './unknown-command';

const COMMANDS = ['train', 'plugins:list', 'plugins:inspect', 'data:show'];

test.each([
  ['trian', 'There is no command "osc trian". Did you mean "osc train"?'],
  ['trian:foo', 'There is no command "osc trian foo". Did you mean "osc train"?'],
  ['data:list', 'There is no command "osc data list". Those of that topic are "osc data show".'],
  ['plugins:inspct', 'There is no command "osc plugins inspct". Did you mean "osc plugins inspect"?'],
  ['frobnicate', 'There is no command "osc frobnicate".'],
  ['plugins:list:now', '"osc plugins list" takes no arguments, and got "now".'],
])('%s', (written, message) => {
  expect(unknownCommand(written, COMMANDS).message).toBe(message);
});
