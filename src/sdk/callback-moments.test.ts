import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CALLBACK_MOMENTS, unknownMoments } from './callback-moments';

test('the table of moments in docs/plugins.md is that of the contract', () => {
  const docs = readFileSync(join(__dirname, '../../docs/plugins.md'), 'utf8');
  const rows = Array.from(docs.matchAll(/^\| `(on[A-Z]\w*)\(.*?\)` +\| (.*?) +\|$/gm), ([, name, when]) => [
    name,
    when,
  ]);
  expect(rows).toEqual(Object.entries(CALLBACK_MOMENTS));
});

test('methods that are named like a moment are found, those of base classes too', () => {
  class Base {
    onEpoch(): void {}
  }
  class Derived extends Base {
    onStepEnd(): void {}
    onStepDone = (): void => undefined;
    once(): void {}
  }
  expect(unknownMoments(new Derived()).sort()).toEqual(['onEpoch', 'onStepDone']);
  expect(unknownMoments({ onStart: () => undefined, one: 1 })).toEqual([]);
});
