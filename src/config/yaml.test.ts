import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { UsageError } from '../sdk/errors';
import { describeOrigin } from './origin';
import { find, valueOf } from './tree';
import { configDocument, YAML_FORM } from './written-config';
import { parseYamlText, readYamlFile } from './yaml';

const read = (text: string): unknown => valueOf(parseYamlText(text, '/conf/x.yaml', 'group').tree);

describe('merge keys', () => {
  const base = 'v: &v {seed: 3, max: 4}\nw: &w {seed: 9, max: 9, more: 1}\n';

  it.each<[string, string, object]>([
    ['before the own keys', 'x:\n  <<: *v\n  max: 2\n', { seed: 3, max: 2 }],
    ['after them', 'x:\n  max: 2\n  <<: *v\n', { seed: 3, max: 2 }],
    ['in one line', 'x: {<<: *v, max: 2}\n', { seed: 3, max: 2 }],
    ['a list, the first wins', 'x: {<<: [*v, *w], max: 2}\n', { seed: 3, max: 2, more: 1 }],
    ['twice, the last wins', 'x:\n  <<: *v\n  <<: *w\n', { seed: 9, max: 9, more: 1 }],
    ['a map itself', 'x: {<<: {a: 1}, b: 2}\n', { a: 1, b: 2 }],
    ['of what merges', 'y: &y {<<: *v, max: 5}\nx: {<<: *y, b: 2}\n', { seed: 3, max: 5, b: 2 }],
    ['in quotes it is a key', 'x: {"<<": 1}\n', { '<<': 1 }],
  ])('%s', (_, text, expected) => expect(read(base + text)).toMatchObject({ x: expected }));

  it('inside lists', () =>
    expect(read('a: &a {b: 1}\nl: [{<<: *a, c: 2}, *a]\n')).toMatchObject({
      l: [{ b: 1, c: 2 }, { b: 1 }],
    }));

  it('keep the line where a value stands', () => {
    const { tree } = parseYamlText(`${base}x:\n  <<: *v\n  max: 2\n`, '/conf/x.yaml', 'group');
    expect(describeOrigin(find(tree, 'x.seed')!.origin)).toBe('/conf/x.yaml:1');
    expect(describeOrigin(find(tree, 'x.max')!.origin)).toBe('/conf/x.yaml:5');
  });
});

it('an anchor can be set again', () =>
  expect(read('a: &x 1\nb: *x\nc: &x 2\nd: *x\n')).toEqual({ a: 1, b: 1, c: 2, d: 2 }));

it('keys stay as they are written', () =>
  expect(Object.keys(read('010: a\nyes: b\n1.0: c\n"2": d\n') as object)).toEqual(['2', '010', 'yes', '1.0']));

const levels = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** Few bytes that a parser takes minutes or gigabytes for. */
const BOMBS: Record<string, string> = {
  aliases: levels(
    9,
    (i) =>
      `a${i}: &a${i} [${Array(9)
        .fill(i === 0 ? 'x' : `*a${i - 1}`)
        .join(',')}]`,
  ),
  'maps of aliases': levels(
    40,
    (i) => `a${i}: &a${i} {b: ${i === 0 ? 1 : `*a${i - 1}`}, c: ${i === 0 ? 1 : `*a${i - 1}`}}`,
  ),
  'merge keys': levels(40, (i) => `a${i}: &a${i} {<<: [${i === 0 ? '{}' : `*a${i - 1}, *a${i - 1}`}]}`),
  lists: `a: ${'['.repeat(200_000)}`,
  maps: '{a: '.repeat(100_000),
  dashes: '- '.repeat(200_000),
  'lists in lists, by lines': levels(900, (i) => `${' '.repeat(i)}-`),
  'keys in keys': levels(900, (i) => `${' '.repeat(i)}a:`),
  'keys in a line': 'a: '.repeat(100_000),
  questions: '? '.repeat(200_000),
  anchors: `a: ${'&a '.repeat(100_000)}`,
  tags: `a: ${'!a '.repeat(100_000)}`,
  commas: `a: [${','.repeat(400_000)}`,
  braces: '{}'.repeat(200_000),
  'the same key': 'a: 1\n'.repeat(80_000),
  documents: '---\n'.repeat(100_000),
};

describe('what is too much', () => {
  it.each(Object.keys(BOMBS))('%s is refused within a second', (name) => {
    const before = process.cpuUsage();
    expect(() => read(BOMBS[name]!)).toThrow(UsageError);
    // of this process: others may be busy
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });

  it('as many aliases as a config may have are read', () => {
    expect(read(`a: &a {b: 1}\nc: [${Array(2000).fill('*a').join(', ')}]\n`)).toMatchObject({ c: { length: 2000 } });
  });
});

describe('what is no text', () => {
  const dir = mkdtempSync(join(tmpdir(), 'osc-yaml-'));
  const file = join(dir, 'x.yaml');

  it.each<[string, () => void, RegExp]>([
    ['a folder', () => mkdirSync(file), /x\.yaml is a folder/],
    ['a pipe', () => execFileSync('mkfifo', [file]), /x\.yaml is a pipe or a device/],
    ['a long file', () => writeFileSync(file, '#'.repeat(2 ** 20)), /x\.yaml has 1048576 bytes/],
    ['other bytes', () => writeFileSync(file, Buffer.from([0x61, 0x3a, 0x20, 0xff])), /x\.yaml is not UTF-8/],
    ['nothing', () => undefined, /x\.yaml cannot be read/],
  ])('%s is named', (_, make, message) => {
    execFileSync('rm', ['-rf', file]);
    make();
    expect(() => readYamlFile(file, 'file')).toThrow(message);
    expect(() => readYamlFile(file, 'file')).toThrow(UsageError);
  });
});

it('as many means of pixel rows as a large crop has are printed so that they can be read', () => {
  const rows = Array.from({ length: 1024 }, (_, row) => [row / 1024, 0.456, 0.406]);
  expect(read(configDocument({ rows }).toString(YAML_FORM))).toEqual({ rows });
});

it('what is printed reads back as the same', () => {
  const words = [
    'on',
    'no',
    'yes',
    'Off',
    'y',
    '010',
    '1:30',
    '1_0',
    '0b1',
    '0x1',
    '0o7',
    '.5',
    '1e3',
    '1.',
    '-.5',
    '.inf',
    '~',
    '<<',
    '=',
    '2001-01-01',
    '08',
    '5._',
    '1e1_0',
    '+.5e+3',
    '???',
    '${a}',
    '',
  ];
  const text = fc.oneof(
    fc.constantFrom(...words),
    fc.string({ unit: fc.constantFrom(...'0159_.:eExob+-naif~ ') }),
    fc.string(),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        fc.double({ noNaN: true }).map((n) => n + 0),
        fc.maxSafeInteger(),
        fc.array(text),
      ),
      (value) => {
        expect(read(configDocument({ value }).toString(YAML_FORM))).toEqual({ value });
      },
    ),
    { numRuns: 1000 },
  );
});
