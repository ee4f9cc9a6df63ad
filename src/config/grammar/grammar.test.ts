import fc from 'fast-check';
import { UsageError } from '../../sdk/errors';
import type { Value } from '../value';
import { expandSweep, parseOverride, parseOverrides, parseValue, printOverride, printValue } from '.';
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
    ['a=1,2,4', { operation: 'set', key: 'a', choices: [1, 2, 4] }],
    ['a=x y, z', { operation: 'set', key: 'a', choices: ['x y', 'z'] }],
    ['a=choice(1,[2,3])', { operation: 'set', key: 'a', choices: [1, [2, 3]] }],
    ['a=range(3)', { operation: 'set', key: 'a', choices: [0, 1, 2] }],
    ['a=range(1,10,step=4)', { operation: 'set', key: 'a', choices: [1, 5, 9] }],
    ['a=range(stop=1,start=3,step=-1)', { operation: 'set', key: 'a', choices: [3, 2] }],
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

  it('expands a sweep, the last choice fastest', () => {
    expect(expandSweep(['a=1,2', 'b=x', 'c=range(2)'])).toEqual([
      ['a=1', 'b=x', 'c=0'],
      ['a=1', 'b=x', 'c=1'],
      ['a=2', 'b=x', 'c=0'],
      ['a=2', 'b=x', 'c=1'],
    ]);
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
    ['a=rang(3)', 'did you mean range?', 7],
    ['a=range(0)', 'empty', 8],
    ['a=range(1,2,0)', 'not 0', 8],
    ['a=range(1e9)', 'at most 10000', 8],
    ['a=[choice(1,2)]', 'cannot stand inside', 3],
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

  it('printed choices read back as the same', () => {
    fc.assert(
      fc.property(keys, fc.array(values, { minLength: 1, maxLength: 4 }), (key, choices) => {
        const text = printOverride({ operation: 'set', key, choices });
        expect(parseOverride(text)).toEqual({ text, operation: 'set', key, choices });
      }),
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
