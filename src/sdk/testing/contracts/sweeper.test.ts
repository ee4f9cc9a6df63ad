import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { component, type ComponentClass } from '../../component';
import type { SearchDimension, Sweeper, SweptValue, Trial } from '../../contracts/sweeper';
import { UsageError } from '../../errors';
import { OPTIONS } from '../../tokens';
import { testComponent } from '../index';
import { failuresOf } from '../run-contract';

const sweeper = component({ kind: 'sweeper', name: 'sample', summary: 'A sweeper', options: z.strictObject({}) });
const failures = async (sweeperClass: ComponentClass): Promise<string> =>
  Object.values(await failuresOf((runner) => testComponent(sweeperClass, { runner }))).join('\n');

const first = ({ choices, interval }: SearchDimension): SweptValue => choices?.[0] ?? interval?.low ?? null;

/** One job; the broken ones below differ from it in one thing. */
@sweeper
class One implements Sweeper {
  propose(space: readonly SearchDimension[], trials: readonly Trial[]): SweptValue[][] {
    return trials.length > 0 ? [] : [space.map(first)];
  }
}

test('a good sweeper', async () => {
  expect(await failures(One)).toBe('');
});

test.each<[string, new () => Sweeper, RegExp]>([
  [
    'that has no end',
    class extends One {
      override propose(space: readonly SearchDimension[]) {
        return [space.map(first)];
      }
    },
    /does not end/,
  ],
  [
    'without jobs',
    class extends One {
      override propose() {
        return [];
      }
    },
    /No job was proposed/,
  ],
  [
    'that forgets a key',
    class extends One {
      override propose(space: readonly SearchDimension[], trials: readonly Trial[]) {
        return super.propose(space.slice(1), trials);
      }
    },
    /number of values of job 0/,
  ],
  [
    'of values of its own',
    class extends One {
      override propose(space: readonly SearchDimension[], trials: readonly Trial[]) {
        return trials.length > 0 ? [] : [space.map(() => 77)];
      }
    },
    /is none of the choices|is not in \[/,
  ],
  [
    'of the same jobs',
    class extends One {
      override propose(space: readonly SearchDimension[], trials: readonly Trial[]) {
        return trials.length > 0 ? [] : [space.map(first), space.map(first)];
      }
    },
    /Jobs that differ/,
  ],
  [
    'that refuses as a bug does',
    class extends One {
      check() {
        throw new Error('no');
      }
    },
    /which is no UsageError/,
  ],
  [
    'that changes the space',
    class extends One {
      override propose(space: readonly SearchDimension[], trials: readonly Trial[]) {
        (space as SearchDimension[]).reverse();
        (space as SearchDimension[]).push({ key: 'x', choices: [1], tags: [] });
        return super.propose(space, trials);
      }
    },
    /space after the search|number of values/,
  ],
  [
    'that remembers',
    class extends One {
      calls = 0;
      override propose(space: readonly SearchDimension[], trials: readonly Trial[]) {
        return this.calls++ > 0 ? [] : super.propose(space, trials.slice(0, 0));
      }
    },
    /does not end/,
  ],
])('a sweeper %s', async (_, sweeperClass, message) => {
  sweeper(sweeperClass);
  expect(await failures(sweeperClass)).toMatch(message);
});

test('the example of docs/plugins.md', async () => {
  const guide = readFileSync(join(__dirname, '../../../../docs/plugins.md'), 'utf8');
  const code = /### A sweeper\n[\s\S]*?```js\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  const script = `${code.replace(/^import .*\n/m, '').replace('export class', 'class')}\nOneByOne;`;
  const OneByOne = runInNewContext(script, { component, OPTIONS, UsageError, z }) as ComponentClass;
  expect(await failures(OneByOne)).toBe('');
});
