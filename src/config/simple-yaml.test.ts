import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { readSimpleYaml } from './simple-yaml';
import { valueOf } from './tree';
import { configDocument } from './written-config';
import { parseYamlText } from './yaml';
import { parseYamlData } from './yaml-data';

const parse = (text: string): unknown => valueOf(parseYamlText(text, 'x.yaml', 'file').tree);

/** The value where it is read, else that it fails. */
function outcome(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    return (error as Error).name;
  }
}

test('lines of all sorts, in any order, are read as by the parser', () => {
  const piece = fc.constantFrom(
    ...['a:', 'b: 1', 'c: [1, 2]', 'd: {x: 1}', 'e: "t', 'f: x # c', '# c', '- 1', '- a: 1', '- - 2', '-', 'g: - 1'],
    ...[
      'h: a: b',
      'i: &x 1',
      'j: *x',
      '<<: *x',
      'k: |',
      'plain',
      '"q": 1',
      'a: 2',
      'l:    ',
      'm: ~',
      'n: yes',
      'o: 1e-3',
    ],
    ...["p: 'it''s'", 'null: 1', 'q: [a', 'r: ]', '', '---', '\tb: 1', 's: 1.0', 't: 99999999999999999999', 'u:v: 1'],
  );
  const line = fc.tuple(fc.constantFrom(0, 0, 2, 4), piece).map(([indent, text]) => ' '.repeat(indent) + text);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 7 }), (lines) => {
      const text = `${lines.join('\n')}\n`;
      expect(outcome(() => parseYamlData(text, 'x.yaml'))).toEqual(outcome(() => parse(text)));
    }),
    { numRuns: 1000 },
  );
});

test('whatever osc writes is read as by the parser', () => {
  const key = fc.stringMatching(/^[a-z_]{1,5}$/);
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, tree, { maxKeys: 4 }), (value) => {
      const text = configDocument(value as never).toString();
      expect(outcome(() => parseYamlData(text, 'x.yaml'))).toEqual(outcome(() => parse(text)));
    }),
  );
});

test('the groups of the box are read as by the parser, and a saved config without it', () => {
  const folder = join(__dirname, '../../configs');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(parseYamlData(text, file)).toEqual(parse(text));
  }
  const values: string[] = [];
  const saved =
    'model:\n  architecture: a(-b)\n  embed:\n    name: x\n\nother:\n  seed: 3\noverrides:\n  - +exp=demo\nplugins: []\n';
  const read = readSimpleYaml(saved, (text) => {
    values.push(text);
    return { value: text };
  });
  expect(read).toEqual({
    model: { architecture: 'a(-b)', embed: { name: 'x' } },
    other: { seed: '3' },
    overrides: ['+exp=demo'],
    plugins: '[]',
  });
  expect(values).toHaveLength(5);
});
