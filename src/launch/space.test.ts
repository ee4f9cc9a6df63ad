import fc from 'fast-check';
import { parseOverrides, printTyped } from '../config';
import type { SweptValue } from '../sdk/contracts/sweeper';
import { UsageError } from '../sdk/errors';
import { REFERENCE_SWEEP } from './reference-sweep';
import { readSpace, type SweepJob } from './space';

const GROUPS: Readonly<Record<string, string[]>> = {
  model: ['vit_global', 'vit_global_obj', 'vit_obj_global'],
  'losses/l_global': ['ctr', 'none', 'sim'],
  'model/empty': [],
};
const groups = {
  groups: Object.keys(GROUPS),
  has: (group: string) => Object.hasOwn(GROUPS, group),
  choices: (group: string) => new Map((GROUPS[group] ?? []).map((name) => [name, `${name}.yaml`])),
};
const read = (...texts: string[]) => readSpace(texts, groups);
const grid = (...texts: string[]): SweepJob[] => {
  const space = read(...texts);
  const all = space.dimensions.reduce<SweptValue[][]>(
    (jobs, { choices = [] }) => jobs.flatMap((values) => choices.map((value) => [...values, value])),
    [[]],
  );
  return space.jobs(all);
};
const overrides = (...texts: string[]): string[] => grid(...texts).map((job) => job.overrides.join(' '));
const names = (...texts: string[]): string[] => grid(...texts).map(({ name }) => name);

describe('the jobs of a command line', () => {
  it('are in its order, the last choice fastest', () => {
    expect(overrides('+x=[1, 2]', 'a=1,2', 'b=x  y', 'c=range(2)')).toEqual([
      '+x=[1, 2] a=1 b=x  y c=0',
      '+x=[1, 2] a=1 b=x  y c=1',
      '+x=[1, 2] a=2 b=x  y c=0',
      '+x=[1, 2] a=2 b=x  y c=1',
    ]);
  });

  it('are one where nothing is swept', () => {
    expect(grid('a=1')).toEqual([{ number: 0, values: [], name: '', overrides: ['a=1'] }]);
    expect(grid()).toHaveLength(1);
  });

  it('keep choices as they were written', () => {
    expect(overrides('a=1.0, 2e-3 ,"x, y"')).toEqual(['a=1.0', 'a=2e-3', 'a="x, y"']);
  });

  it('have braces in keys as a shell has them', () => {
    expect(overrides('m.{a,b}=1,2')).toEqual(['m.a=1 m.b=1', 'm.a=1 m.b=2', 'm.a=2 m.b=1', 'm.a=2 m.b=2']);
  });

  it('take the choices of a config group', () => {
    expect(overrides('model=glob(*,exclude=*_obj)')).toEqual(['model=vit_global', 'model=vit_obj_global']);
    expect(overrides('+losses/l_global@losses.x=glob([s*,c*])')).toEqual([
      '+losses/l_global@losses.x=ctr',
      '+losses/l_global@losses.x=sim',
    ]);
  });

  it('are 108 for the command of the reference', () => {
    const jobs = grid(...REFERENCE_SWEEP);
    expect(jobs).toHaveLength(108);
    expect(jobs[1]).toMatchObject({
      name: 'losses=more_objects,embed_dim=64,num_heads=4,num_layers=2,num_iters=2',
      overrides: REFERENCE_SWEEP.map((text) => text.replace(/(=[^,]*),.*$/, '$1').replace('iters=1', 'iters=2')),
    });
  });
});

describe('seeds', () => {
  it.each([['seeds=0..2'], ['seeds=0,1,2'], ['seeds=range(3)'], ['seeds=0..1,2']])('%s', (text) => {
    expect(read(text).dimensions).toEqual([{ key: 'seeds', choices: [0, 1, 2], tags: [] }]);
    expect(overrides('a=1', text, 'b=2')[2]).toBe('a=1 other.seed=2 data.train.seed=2 b=2');
    expect(names(text)).toEqual(['seeds=0', 'seeds=1', 'seeds=2']);
  });

  it('may be one, and may be drawn', () => {
    expect(overrides('seeds=7')).toEqual(['other.seed=7 data.train.seed=7']);
    expect(read('seeds=int(interval(0,9))').dimensions[0]).toMatchObject({ key: 'seeds', interval: { high: 9 } });
  });
});

describe('names of jobs', () => {
  it.each<[string[], string[]]>([
    [
      ['model.obj_fn.num_iters=1,2', 'x=1'],
      ['num_iters=1', 'num_iters=2'],
    ],
    [
      ['a.dropout=0.1,0.2', 'b.dropout=1'],
      ['dropout=0.1', 'dropout=0.2'],
    ],
    [
      ['m.a.x=1,2', 'm.b.x=1,2'],
      ['a.x=1,b.x=1', 'a.x=1,b.x=2', 'a.x=2,b.x=1', 'a.x=2,b.x=2'],
    ],
    [['model=vit_global,vit_obj_global'], ['model=vit_global', 'model=vit_obj_global']],
    [
      ['losses/l_global=ctr,sim', 'losses/l_global@x=none'],
      ['l_global=ctr', 'l_global=sim'],
    ],
    [
      ['a=[64,64],[128, 64]', 'b=1'],
      ['a=64-64', 'a=128-64'],
    ],
    [['a=-1,0,1e-4,null,true'], ['a=-1', 'a=0', 'a=1e-4', 'a=null', 'a=true']],
    [["a='x/../y','x y','x,y',''"], ['a=x-..-y', 'a=x-y', 'a=x-y_2', 'a=_']],
  ])('%j', (texts, expected) => expect(names(...texts)).toEqual(expected));

  it('have few digits of what is drawn', () => {
    const space = read('lr=tag(log,interval(1e-4,1e-2))', 'a=1,2');
    expect(space.nameOf([0.00123456789, 2])).toBe('lr=0.0012346,a=2');
  });

  it('are bounded, and differ still', () => {
    const keys = Array.from({ length: 12 }, (_, i) => `some_long_key_${i}=a_long_value,b_long_value`);
    const space = read(...keys);
    const value = (last: string): SweptValue[] => [...Array.from({ length: 11 }, () => 'a_long_value'), last];
    const [first, second] = [space.nameOf(value('a_long_value')), space.nameOf(value('b_long_value'))];
    expect(first).toHaveLength(100);
    expect(first).not.toBe(second);
  });
});

describe('bad input', () => {
  it.each<[string[], RegExp]>([
    [['a=1,1'], /"a=1,1" gives "1" twice/],
    [['a=1,1.0'], /gives "1.0" twice/],
    [['a=1,2', 'a=3'], /a is given twice: by the override "a=1,2" and by the override "a=3"|a is given twice/],
    [['a=1,2', 'a=1,2'], /a is given twice/],
    [['model/obj_queries=a,b', 'model.obj_queries.name=c'], /is given twice/],
    [['other.tqdm=true,false', 'other.progress=true'], /other.tqdm is given twice/],
    [['launcher=local,slurm'], /"launcher=local,slurm" gives launcher several values. A sweep has one launcher/],
    [['hydra/launcher=a,b'], /gives launcher several values/],
    [['sweeper.num_jobs=1,2'], /gives sweeper.num_jobs several values/],
    [['launcher=glob(*)'], /gives launcher several values/],
    [['hydra.sweep.dir=x'], /a key of Hydra itself/],
    [['model=glob(x*)'], /matches no choice of the config group model. The choices are vit_global, /],
    [['model/empty=glob(*)'], /matches no choice of the config group model\/empty/],
    [['modle=glob(*)'], /asks for the choices of modle, which is no config group. Did you mean model/],
    [['model.backbone.embed_dim=glob(*)'], /is no config group/],
    [['a=interval(2,1)'], /2 is not below 1/],
    [['a=range(5,1)'], /this range is empty/],
    [['seeds=4..0'], /"seeds=4..0" gives no seeds. 4..0 ends before it begins/],
    [['seeds=0..'], /Seeds are whole numbers from 0 on/],
    [['seeds=-1'], /Seeds are whole numbers from 0 on/],
    [['seeds=1.5,2'], /Seeds are whole numbers from 0 on/],
    [['seeds=x'], /Seeds are whole numbers from 0 on/],
    [['seeds='], /Seeds are whole numbers from 0 on/],
    [['seeds=null'], /Seeds are whole numbers from 0 on/],
    [['seeds=[0,1]'], /Seeds are whole numbers from 0 on/],
    [['seeds=0,1,0'], /gives "0" twice/],
    [['seeds=0..2,1'], /gives "1" twice/],
    [['seeds=0..99999999'], /more than 10000 seeds/],
    [['seeds=0..99999999999999999999'], /2\^53/],
    [['seeds=interval(0,5)'], /Seeds are whole numbers/],
    [['seeds=int(interval(-5,5))'], /Seeds are whole numbers/],
    [['seeds=glob(*)'], /A seed is a number/],
    [['+seeds=0..4'], /stands alone/],
    [['~seeds'], /stands alone/],
    [['seeds=0..4', 'other.seed=1'], /other.seed is given twice: .*seeds sets other.seed and data.train.seed/],
    [['data.train.seed=1,2', 'seeds=0'], /data.train.seed is given twice/],
    [['seeds=0..4', 'seeds=5..6'], /seeds is given twice/],
    [['seeds=1', 'seeds=1'], /seeds is given twice/],
  ])('%j', (texts, message) => {
    const act = (): unknown => read(...texts);
    expect(act).toThrow(UsageError);
    expect(act).toThrow(message);
  });

  it.each<[string, SweptValue[][], RegExp]>([
    ['no jobs', [], /The sweep has no jobs/],
    [
      'the same twice',
      [
        [1, 0.5],
        [2, 0.5],
        [1, 0.5],
      ],
      /The jobs 0 and 2 of the sweep are the same: a=1,b=0.5/,
    ],
    ['too few values', [[1]], /job 0 that is none of the sweep. It has 1 value for 2 keys/],
    [
      'a value that is none',
      [
        [1, 0],
        [3, 0],
      ],
      /job 1 that is none of the sweep. a cannot be "3"/,
    ],
    ['a number outside', [[1, 1.5]], /b cannot be "1.5"/],
    ['too many', Array.from({ length: 10_001 }, (_, i) => [1, i / 10_001]), /10001 jobs, and at most 10000/],
  ])('a sweeper that proposes %s', (_, proposed, message) => {
    const space = read('a=1,2', 'b=interval(0,1)');
    expect(() => space.jobs(proposed)).toThrow(UsageError);
    expect(() => space.jobs(proposed)).toThrow(message);
  });

  it('jobs that were proposed before count', () => {
    const space = read('a=1,2');
    const first = space.jobs([[1]]);
    expect(space.jobs([], first)).toEqual([]);
    expect(space.jobs([[2]], first)).toMatchObject([{ number: 1, overrides: ['a=2'] }]);
    expect(() => space.jobs([[1]], first)).toThrow(/jobs 0 and 1 of the sweep are the same/);
  });
});

it('the sample is a job of the space', () => {
  const space = read('a=x,y', 'b=int(interval(2,4))', 'c=1');
  expect(space.overridesOf(space.sample)).toEqual(['a=x', 'b=2', 'c=1']);
});

it('any values come back from the overrides of a job', () => {
  const value = fc.oneof(fc.integer(), fc.boolean(), fc.string({ unit: 'grapheme' }), fc.double());
  const lists = fc.uniqueArray(value, {
    minLength: 1,
    maxLength: 6,
    selector: (item) => `${typeof item} ${String(item)}`,
  });
  fc.assert(
    fc.property(lists, (values) => {
      const jobs = grid(`a=choice(${values.map((item) => printTyped({ value: item })).join(' , ')})`);
      expect(jobs.map((job) => parseOverrides(job.overrides)[0]?.value)).toEqual(values);
    }),
  );
});
