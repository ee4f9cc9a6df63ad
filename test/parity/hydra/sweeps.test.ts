/** The jobs of a sweep against Hydra itself: record_sweeps.py makes the table. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GridSweeper } from '../../../plugins/grid-sweeper';
import { parseOverride } from '../../../src/config/grammar';
import { GroupFolders } from '../../../src/config/groups';
import { readSpace } from '../../../src/launch';
import { UsageError } from '../../../src/sdk/errors';

type Recorded = string[][] | { count: number; first: string[][]; last: string[] } | null;

const { files, cases } = JSON.parse(readFileSync(join(__dirname, 'sweeps.json'), 'utf8')) as {
  files: string[];
  cases: [string[], Recorded][];
};

/** Where osc does otherwise, and why: docs/decisions/configuration.md. */
const OWN: Readonly<Record<string, string[][] | null>> = {
  // ~ needs no quotes, and choice() takes null as a list of choices does
  'a=/x/y,~z': [['a=/x/y'], ['a=~z']],
  'a=choice(a,null)': [['a=a'], ['a=null']],
  // Hydra makes ~a=null of it, which deletes nothing but a null
  '~a  b=1,2': [
    ['~a', 'b=1'],
    ['~a', 'b=2'],
  ],
  // Hydra makes text without a meaning of it
  'a=${b},c': [['a=${b}'], ['a=c']],
  // Hydra drops the quotes, and what was to be text is none
  'a=str(1,2.0,x)': [["a='1'"], ["a='2.0'"], ['a=x']],
  'a=str(choice(1,true))': [["a='1'"], ["a='true'"]],
  // Hydra leaves the values of the range: 8, 6, 4, 2, 0
  'a=sort(range(1,10,2),reverse=true)': [['a=9'], ['a=7'], ['a=5'], ['a=3'], ['a=1']],
  // a name of a choice that looks like a number
  '+data=glob(*)': [["+data='10'"], ['+data=B'], ['+data=a'], ['+data=a b']],
  // jobs that are none, the same twice, or garbage
  'a=range(1e15,1e15,0.1)': null,
  'a=range(5,1)': null,
  'a=1,1': null,
  'a=1,1.0': null,
  'a=1,2  a=3': null,
  'model=glob(*),x': null,
  '=1,2': null,
};

const root = mkdtempSync(join(tmpdir(), 'osc-sweeps-'));
for (const name of files) {
  const path = join(root, `${name}.yaml`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
}
const folders = new GroupFolders([root]);

function jobsOf(overrides: readonly string[]): string[][] {
  const space = readSpace(overrides, folders);
  const sweeper = new GridSweeper();
  sweeper.check(space.dimensions);
  return space.jobs(sweeper.propose(space.dimensions, [])).map((job) => [...job.overrides]);
}

/** What overrides mean: Hydra writes them anew, osc leaves them as they were written. */
function meaning(jobs: readonly (readonly string[])[]): unknown[][] {
  return jobs.map((job) => job.map((text) => ({ ...parseOverride(text), text: '' })));
}

test.each(cases)('%j', (overrides, recorded) => {
  const id = overrides.join('  ');
  const expected = id in OWN ? OWN[id]! : recorded;
  if (expected === null) return expect(() => jobsOf(overrides)).toThrow(UsageError);
  const jobs = jobsOf(overrides);
  if (!('count' in expected)) return expect(meaning(jobs)).toEqual(meaning(expected));
  expect(jobs).toHaveLength(expected.count);
  expect(meaning(jobs.slice(0, expected.first.length))).toEqual(meaning(expected.first));
  return expect(meaning(jobs.slice(-1))).toEqual(meaning([expected.last]));
});

test('the differences are differences', () => {
  const table = new Map(cases.map(([overrides, recorded]) => [overrides.join('  '), recorded]));
  for (const [id, own] of Object.entries(OWN)) expect(table.get(id)).not.toEqual(own);
});
