/** How configs are read against Hydra itself: the record_*.py beside this file make the tables. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { composeGroups } from '../../../src/config/defaults-list';
import { FakeCatalog } from '../../../src/config/fake-catalog.fixture';
import { parseOverride, parseOverrides } from '../../../src/config/grammar';
import { GroupFolders } from '../../../src/config/groups';
import { interpolate } from '../../../src/config/interpolation';
import { selectionOfOverride } from '../../../src/config/selection';
import { find, isBranch, valueOf } from '../../../src/config/tree';
import { parseYamlText } from '../../../src/config/yaml';
import { UsageError } from '../../../src/sdk/errors';
import { readPlainScalar } from '../../../src/config/yaml-scalars';

const table = <T>(name: string): [string, T][] =>
  Object.entries(JSON.parse(readFileSync(join(__dirname, name), 'utf8')) as Record<string, T>);

function expectNumber(value: unknown, text: string): void {
  const words: Record<string, number> = { inf: Infinity, '-inf': -Infinity, nan: NaN };
  expect(value).toEqual(words[text] ?? Number(text));
}

describe('words without quotes in YAML', () => {
  it.each(table<null | boolean | string | { int: string } | { float: string }>('scalars.json'))(
    '%s',
    (word, recorded) => {
      const { value, float = false } = readPlainScalar(word);
      if (typeof recorded !== 'object' || recorded === null) return expect(value).toBe(recorded);
      expect(float).toBe('float' in recorded);
      return expectNumber(value, 'float' in recorded ? recorded.float : recorded.int);
    },
  );
});

describe('values of overrides', () => {
  it.each(table<{ value: unknown } | { float: string } | { error: true }>('values.json'))('%s', (word, recorded) => {
    if ('error' in recorded) return expect(() => parseOverride(`k=${word}`)).toThrow();
    const { value, float = false } = parseOverride(`k=${word}`);
    expect(float).toBe('float' in recorded);
    return 'float' in recorded ? expectNumber(value, recorded.float) : expect(value).toEqual(recorded.value);
  });
});

/** Where osc does otherwise, and why: docs/decisions/configuration.md. */
const OWN_LISTS: Record<string, string[] | null> = {
  // an override stands where one likes
  c_override_first: ['g1/f2@g1', 'c_override_first@'],
  // Hydra forgets the file itself
  'c_override_none +g1=f1': ['c_override_none@', 'g1/f2@g1'],
  c_up: null,
  'c_many +g1=f2': null,
  'c_group g1=null': ['c_group@'],
  'c_two g1=null': ['g2/f1@g2', 'c_two@'],
  'c_many g1=null': ['c_many@'],
  'c_null g1=null': ['g2/f1@g2', 'c_null@'],
  'c_optional g1=null': ['c_optional@'],
  'c_many ~g1': ['c_many@'],
  'c_null +g1=f2': ['g2/f1@g2', 'c_null@', 'g1/f2@g1'],
  'c_exp +exp=override': ['g1/f2@g1', 'g2/f1@g2', 'c_exp@', 'exp/override@'],
};

describe('defaults lists', () => {
  const { files, cases } = JSON.parse(readFileSync(join(__dirname, 'defaults.json'), 'utf8')) as {
    files: Record<string, string>;
    cases: [string, string[], string[] | null][];
  };
  const root = mkdtempSync(join(tmpdir(), 'osc-defaults-'));
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, `${name}.yaml`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const folders = new GroupFolders([root]);
  const composed = (config: string, overrides: string[]): string[] => {
    const selections = parseOverrides(overrides).map((override) => selectionOfOverride(override, 1));
    return composeGroups(folders, config, selections).contributions.map(({ name, package: pkg }) => `${name}@${pkg}`);
  };

  beforeAll(() => (process.env['OSC_CHOICE'] = 'f2'));
  afterAll(() => delete process.env['OSC_CHOICE']);

  it.each(cases)('%s %j', (config, overrides, recorded) => {
    const id = [config, ...overrides].join(' ');
    if (id in OWN_LISTS) expect(OWN_LISTS[id]).not.toEqual(recorded);
    const expected = id in OWN_LISTS ? OWN_LISTS[id] : recorded;
    if (expected === null) expect(() => composed(config, overrides)).toThrow(UsageError);
    else expect(composed(config, overrides)).toEqual(expected);
  });
});

describe('interpolation', () => {
  const VALUES = `
g: G
k: a
key: g
sec: {a: 1, b: 2}
f: 1e-05
i: 3
b: false
n: null
one: 1.0
l: [1, 2]
e: OSC_A
big: 1e+22
tiny: 1.5e-07
e16: 1e+16
e15: 123456789012345.0
minus: -0.5
lit: x\${g}
`;
  /** Where osc does otherwise: a default keeps its type, as an option wants a number and no text; `~` needs no quotes. */
  const OWN: Record<string, unknown> = {
    '${oc.env:OSC_MISSING,10}': 10,
    '${oc.env:OSC_MISSING,1e-5}': 1e-5,
    '${oc.env:OSC_MISSING,true}': true,
    '${oc.env:OSC_MISSING,~/x}': '~/x',
  };

  beforeAll(() => Object.assign(process.env, { OSC_A: '/data', OSC_N: '10' }));
  afterAll(() => {
    delete process.env['OSC_A'];
    delete process.env['OSC_N'];
  });

  it.each(table<{ value: unknown } | { error: string }>('interpolations.json'))('%s', async (text, recorded) => {
    const { tree } = parseYamlText(VALUES, '/conf/x.yaml', 'group');
    tree.children.set('t', { origin: tree.origin, value: text });
    const worked = interpolate(tree, new FakeCatalog()).then(() => {
      const node = find(tree, 't');
      return isBranch(node) ? valueOf(node) : node?.value;
    });
    if (text in OWN) expect(await worked).toEqual(OWN[text]);
    else if ('error' in recorded) await expect(worked).rejects.toThrow(/^t \(.*\) cannot be worked out/);
    else expect(await worked).toEqual(recorded.value);
  });
});
