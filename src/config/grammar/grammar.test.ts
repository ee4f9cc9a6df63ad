import fc from 'fast-check';
import { UsageError } from '../../sdk/errors';
import type { Value } from '../value';
import {
  globNames,
  parseOverride,
  parseOverrides,
  parseValue,
  printHead,
  printOverride,
  printTyped,
  printValue,
} from '.';
import type { Operation } from '.';

const value = (text: string): Value => parseValue(text);

describe('values of the override grammar', () => {
  it.each<[string, Value]>([
    ['null', null],
    ['NULL', null],
    ['true', true],
    ['False', false],
    ['10', 10],
    ['-20', -20],
    ['1_000_000', 1000000],
    ['3.14', 3.14],
    ['1e-3', 0.001],
    ['1e-05', 1e-5], // as Python prints it
    ['1e+05', 100000],
    ['-10e3', -10000],
    ['.5', 0.5],
    ['5.', 5],
    ['inf', Infinity],
    ['-INF', -Infinity],
    ['nan', NaN],
    ['007', '007'],
    ['1e', '1e'],
    ['abc', 'abc'],
    ['hello world  ', 'hello world'],
    ['~/multi-object-datasets', '~/multi-object-datasets'],
    ['a:b', 'a:b'],
    ['slot-attention', 'slot-attention'],
    ['größe', 'größe'],
    ['a\\,b', 'a,b'],
    ['a\\ ', 'a '],
    ['C:\\dir', 'C:\\dir'],
    ['${data.root}/x', '${data.root}/x'],
    ["'10'", '10'],
    ['"null"', 'null'],
    ["'it\\'s'", "it's"],
    ["'a\\\\'", 'a\\'],
    ["'a\\nb'", 'a\\nb'],
    ['"a,b=c"', 'a,b=c'],
    ['[]', []],
    ['[4,4]', [4, 4]],
    ['[ 1 , [a, b], {c: 1e1} ]', [1, ['a', 'b'], { c: 10 }]],
    ['{}', {}],
    ['{a:1,b: hello world}', { a: 1, b: 'hello world' }],
    ['{a:{b:[1]}}', { a: { b: [1] } }],
    ['int(3.7)', 3],
    ['str(10)', '10'],
    ['bool(0)', false],
    ['float(2)', 2],
  ])('%s', (text, expected) => expect(value(text)).toEqual(expected));
});

describe('overrides', () => {
  it.each<[string, object]>([
    ['a.b=1', { operation: 'set', key: 'a.b', value: 1 }],
    ['a=', { operation: 'set', key: 'a', value: '' }],
    ['+a=1', { operation: 'add', key: 'a', value: 1 }],
    ['++a=1', { operation: 'force', key: 'a', value: 1 }],
    ['~a', { operation: 'delete', key: 'a' }],
    ['~a=1', { operation: 'delete', key: 'a', value: 1 }],
    ['model/obj_queries=sample', { operation: 'set', key: 'model/obj_queries', value: 'sample' }],
    ['+db@backup.main=x', { operation: 'add', key: 'db', package: 'backup.main', value: 'x' }],
  ])('%s', (text, expected) => expect(parseOverride(text)).toEqual({ text, ...expected }));

  it('expands braces in keys only', () => {
    const keys = parseOverrides(['model.backbone.{block_drop,block_attn_drop}=0.2', 'a={b:1}', '+{x,y.{p,q}}=1']);
    expect(keys.map(({ text }) => text)).toEqual([
      'model.backbone.block_drop=0.2',
      'model.backbone.block_attn_drop=0.2',
      'a={b:1}',
      '+x=1',
      '+y.p=1',
      '+y.q=1',
    ]);
  });
});

describe('what a sweep is to try', () => {
  /** The texts of the choices, and their tags. */
  const choicesOf = (text: string): { texts: string[]; values: Value[]; tags: readonly string[] } => {
    const { sweep } = parseOverride(text);
    if (sweep?.kind !== 'choices') throw new Error(`${text} has no choices.`);
    const { choices, tags } = sweep;
    return { texts: choices.map((choice) => choice.text), values: choices.map((choice) => choice.value), tags };
  };

  it.each<[string, string[]]>([
    ['a=1,2,4', ['1', '2', '4']],
    ['a= 1 ,1.0,1_0 ', ['1', '1.0', '1_0']],
    ['a=x y, z', ['x y', 'z']],
    ['a=\'x,y\',"z"', ["'x,y'", '"z"']],
    ['a=b\\ c , d\\ ', ['b\\ c', 'd\\ ']],
    ['a=${b}/c,d', ['${b}/c', 'd']],
    ['a=[1, 2],{b: 1.0}', ['[1, 2]', '{b: 1.0}']],
    ['a=choice( 1.0 , [2,3])', ['1.0', '[2,3]']],
    ['a=choice(int(1.5,2))', ['1', '2']],
    ['a=range(3)', ['0', '1', '2']],
    ['a=range(start=2)', ['0', '1']],
    ['a=range(2,stop=4)', ['2', '3']],
    ['a=range(1,10,step=4)', ['1', '5', '9']],
    ['a=range(stop=1,start=3,step=-1)', ['3', '2']],
    ['a=range(0,0.4,0.1)', ['0.0', '0.1', '0.2', '0.3', '0.4']], // as in Hydra: 4 · 0.1 is below 0.4 there,
    ['a=range(1,-1,-0.5)', ['1.0', '0.5', '0.0', '-0.5']],
    ['a=float(range(2))', ['0.0', '1.0']],
    ['a=int(range(0.5,2.5))', ['0', '1']],
    ['a=int(choice(1.5,true))', ['1', '1']],
    ['a=str(1.0,x)', ["'1.0'", 'x']],
    ['a=sort(3,1.0,2)', ['1.0', '2', '3']],
    ['a=sort(b,a,reverse=true)', ['b', 'a']],
    ['a=sort(range(1,6,2),reverse=true)', ['5', '3', '1']],
    ['a=sort(sweep=choice(true,0))', ['0', 'true']],
    ['a=sort(choice([1,2],[1],[0,9]))', ['[0,9]', '[1]', '[1,2]']],
  ])('%s', (text, expected) => expect(choicesOf(text).texts).toEqual(expected));

  it('is shuffled, always alike', () => {
    const { values } = choicesOf('a=shuffle(range(20))');
    expect(values).not.toEqual([...values].sort((a, b) => Number(a) - Number(b)));
    expect(new Set(values).size).toBe(20);
    expect(choicesOf('b=shuffle(range(20))').values).toEqual(values);
    expect(value('shuffle([1,2,3])')).toHaveLength(3);
  });

  it('has tags', () => {
    expect(choicesOf('a=tag(x,"y z",choice(1,2))')).toEqual({ texts: ['1', '2'], values: [1, 2], tags: ['x', 'y z'] });
    expect(choicesOf('a=sort(tag(x,sweep=choice(2,1)))')).toMatchObject({ values: [1, 2], tags: ['x'] });
  });

  it.each([
    ['a=interval(1,2)', { low: 1, high: 2, log: false, integer: false }, []],
    ['a=interval(end=2,start=-1.5)', { low: -1.5, high: 2, log: false, integer: false }, []],
    ['a=tag(log,interval(1e-4,1e-2))', { low: 1e-4, high: 1e-2, log: true, integer: false }, []],
    ['a=int(tag(x,log,interval(1.5,9)))', { low: 1, high: 9, log: true, integer: true }, ['x']],
    ['a=tag(x,int(interval(-0.5,2)))', { low: 0, high: 2, log: false, integer: true }, ['x']],
  ])('%s', (text, interval, tags) => {
    expect(parseOverride(text).sweep).toEqual({ kind: 'interval', interval, tags });
  });

  it.each([
    ['a=glob(*)', ['*'], []],
    ['a=glob([a*,b*],exclude=[ab,"b?"])', ['a*', 'b*'], ['ab', 'b?']],
    ['a=glob(include=x,exclude=y)', ['x'], ['y']],
  ])('%s', (text, include, exclude) => {
    expect(parseOverride(text).sweep).toEqual({ kind: 'glob', include, exclude });
  });

  it('is given to functions that only order a list or a value too', () => {
    expect(value('sort([3,1,2])')).toEqual([1, 2, 3]);
    expect(value('sort(list=[b,a],reverse=true)')).toEqual(['b', 'a']);
    expect(value('sort(x)')).toBe('x');
    expect(value('shuffle(5)')).toEqual([5]);
  });
});

describe('patterns of names', () => {
  it.each([
    ['*', 'a,ab,.x,'],
    ['a*', 'a,ab'],
    ['?', 'a'],
    ['*b', 'ab'],
    ['a?*', 'ab'],
    ['[ab]', 'a'],
    ['[!a]*', '.x'],
    ['[a-c][a-c]', 'ab'],
    ['[]a]', 'a'],
    ['[a', ''],
    ['*a*a*', ''],
    ['**', 'a,ab,.x,'],
    ['', ''],
  ])('%s', (pattern, names) => {
    const found = globNames(['a', 'ab', '.x', ''], { include: [pattern], exclude: [] });
    expect(found.join()).toBe(names);
  });

  it('no pattern takes long', () => {
    const pattern = `${'*a'.repeat(1000)}b`;
    expect(globNames(['a'.repeat(5000)], { include: [pattern], exclude: [] })).toEqual([]);
  });
});

describe('what cannot be read', () => {
  it.each<[string, string, number]>([
    ['a', 'expected "="', 1],
    ['=1', 'expected a key', 0],
    ['1a=2', 'expected a key', 0],
    ['a=[1,2', 'not closed by "]"', 2],
    ['a=[1 2}', 'expected "," or "]"', 6],
    ['a=[1,,2]', 'expected a value', 5],
    ['a={b:1', 'not closed by "}"', 2],
    ['a={b}', 'expected ":"', 4],
    ['a={b:1,b:2}', 'two values', 7],
    ["a='x", 'not closed', 2],
    ["a='x'y", '"y" is not expected', 5],
    ['a=b=c', '"=" is not expected', 3],
    ['a=1,', 'expected a value', 4],
    ['a=f(1)', 'no function "f"', 4],
    ['a=rang(3)', 'did you mean range or tag?', 7],
    ['a=range(0)', 'empty', 8],
    ['a=range(1,2,0)', 'not 0', 8],
    ['a=range(1e9)', 'at most 10000', 8],
    ['a=[choice(1,2)]', 'cannot stand inside', 3],
    ['a={b:range(2)}', 'cannot stand inside', 5],
    ['a=choice(1,2),3', 'stands alone', 0],
    ['a=glob(*),b', 'stands alone', 0],
    ['a=choice()', 'one value or more', 9],
    ['a=choice(x=1)', 'no "x"', 9],
    ['a=choice(1,choice(2,3))', 'not choices', 9],
    ['a=choice(choice(1,2))', 'not choices', 9],
    ['a=choice(range(3))', 'not choices', 9],
    ['a=choice(interval(0,1))', 'not an interval', 9],
    ['a=range(stop=3)', 'needs a stop', 8],
    ['a=range(1,stop=3,2)', 'stands before', 17],
    ['a=range(1,step=3,step=2)', '"step" is given twice', 17],
    ['a=range(1,2,start=3)', 'the start of range() is given twice', 8],
    ['a=range(1,2,3,4)', 'no more', 8],
    ["a=range('3')", 'is a number, not the text', 8],
    ['a=range(0,inf,0.5)', 'is a number', 8],
    ['a=range(0,1,1e-300)', 'at most 10000', 8],
    ['a=range(1e30,2e30,1.0)', 'at most 10000', 8],
    ['a=range(9007199254740991,9007199254740000.0,0.5)', 'empty', 8],
    ['a=int(range(0,2,0.5))', 'not 0', 6],
    ['a=str(range(2))', 'a range', 6],
    ['a=interval(1)', 'a start and an end', 11],
    ['a=interval(2,1)', '2 is not below 1', 11],
    ['a=interval(1,1)', '1 is not below 1', 11],
    ['a=int(interval(0.1,0.9))', '0 is not below 0', 6],
    ['a=interval(nan,1)', 'is a number', 11],
    ['a=interval(-1e308,1e308)', 'too wide', 11],
    ['a=interval(0,1,2)', 'no more', 11],
    ['a=str(interval(0,1))', 'an interval', 6],
    ['a=tag(log,interval(0,1))', 'starts above 0', 6],
    ['a=tag()', 'words, and then', 6],
    ['a=tag(log)', 'words, and then', 6],
    ['a=tag(log,1,2)', 'words, and then', 6],
    ['a=tag(sweep=choice(1,2))', 'words, and then', 6],
    ['a=tag(1,choice(1,2))', 'is text, not the number 1', 6],
    ['a=tag(x,glob(*))', 'words, and then', 6],
    ['a=intervall(0,1)', 'did you mean interval', 12],
    ['a=glob()', 'needs a pattern', 7],
    ['a=glob(1)', 'is text, not the number 1', 7],
    ['a=glob(*,include=*)', 'given twice', 7],
    ['a=glob(*,exlude=x)', 'no "exlude"', 7],
    ['a=sort()', 'needs values', 7],
    ['a=sort(1,a)', 'no order', 7],
    ['a=sort(nan,1)', 'no order', 7],
    ['a=sort(1,{b:1})', 'no order', 7],
    ['a=sort(1,2,reverse=1)', 'true or false', 7],
    ['a=sort(1,list=[2])', 'not both', 7],
    ['a=sort(interval(0,1))', 'cannot order an interval', 7],
    ['a=shuffle(glob(*))', 'cannot order a glob', 10],
    ['a=shuffle(1,2,reverse=true)', 'no "reverse"', 10],
    ['a=int()', 'one value or more', 6],
    ['a=int(choice(1.5,x))', 'cannot read the text "x"', 6],
    ['a=int(1,value=2)', 'given twice', 6],
    ['a=int(null,1)', 'cannot read null', 6],
    ['a=99999999999999999999', 'too large', 2],
    ['a[0]=1', 'write the whole list', 1],
    ['a.b/c=1', 'not both', 3],
    ['a@=1', 'expected a package', 2],
    ['a/=1', 'expected the name of a group', 2],
    ['a.{b=1', 'not closed before "="', 2],
    ['a b=1', 'expected "="', 1],
  ])('%s', (text, problem, caret) => {
    const error = captured(() => parseOverrides([text]));
    expect(error).toBeInstanceOf(UsageError);
    const [what, shown, pointer] = (error as Error).message.split('\n');
    expect(what).toContain(problem);
    expect(shown).toBe(`  ${text}`);
    expect(pointer!.indexOf('^') - 2).toBe(caret);
  });
});

function captured(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('It was accepted.');
}

const values = fc.letrec<{ value: Value; list: Value[]; map: Record<string, Value> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom(...'\\\'" ,:=[]{}()$~ae1.-\t\n') }),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  map: fc.dictionary(fc.string({ minLength: 0, maxLength: 6 }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
})).value;

const word = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/);
const keys = fc.oneof(
  fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.')),
  fc.array(word, { minLength: 2, maxLength: 3 }).map((parts) => parts.join('/')),
);
const operations = fc.constantFrom<Operation>('set', 'add', 'force');

describe('properties', () => {
  it('a printed value reads back as the same', () => {
    fc.assert(fc.property(values, (original) => expect(parseValue(printValue(original))).toEqual(original)));
  });

  it('a printed override reads back as the same', () => {
    fc.assert(
      fc.property(operations, keys, fc.option(word, { nil: undefined }), values, (operation, key, pkg, original) => {
        const head = { operation, key, ...(pkg === undefined ? {} : { package: pkg }) };
        const text = printOverride({ ...head, value: original });
        // numbers such as 1e300 have no other form than that of a fraction
        expect({ ...parseOverride(text), float: undefined }).toEqual({ text, ...head, value: original });
      }),
    );
  });

  it('choices read back as the same, alone and among others', () => {
    fc.assert(
      fc.property(keys, fc.array(values, { minLength: 2, maxLength: 4 }), (key, choices) => {
        const head = printHead({ operation: 'add', key });
        const { sweep } = parseOverride(
          `${head}=${choices.map((choice) => printTyped({ value: choice })).join(' , ')}`,
        );
        if (sweep?.kind !== 'choices') throw new Error('There are no choices.');
        expect(sweep.choices.map((choice) => choice.value)).toEqual(choices);
        expect(sweep.choices.map(({ text }) => parseOverride(`${head}=${text}`).value)).toEqual(choices);
      }),
    );
  });

  it('calls of functions are read or refused with a UsageError, and what they choose reads back', () => {
    const argument = fc.letrec<{ call: string; argument: string }>((tie) => ({
      call: fc
        .tuple(
          fc.constantFrom(
            'choice',
            'range',
            'interval',
            'glob',
            'sort',
            'shuffle',
            'tag',
            'int',
            'float',
            'str',
            'bool',
          ),
          fc.array(tie('argument'), { maxLength: 3 }),
        )
        .map(([name, args]) => `${name}(${args.join(',')})`),
      argument: fc.oneof(
        fc.constantFrom(
          '1',
          '-2.5',
          '0.1',
          'x',
          'log',
          '*',
          'null',
          'true',
          "'q'",
          '[1,2]',
          '{a:1}',
          'step=2',
          'reverse=true',
        ),
        tie('call'),
      ),
    })).call;
    fc.assert(
      fc.property(argument, (text) => {
        try {
          const { sweep } = parseOverride(`a=${text}`);
          if (sweep?.kind !== 'choices') return;
          for (const choice of sweep.choices) {
            expect(parseOverride(`a=${choice.text}`)).toMatchObject({ value: choice.value });
          }
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('any text is read or refused with a UsageError', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab1.=,[]{}()\'"\\~+ @:/-e$') }), (text) => {
        try {
          parseOverrides([text]);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});
