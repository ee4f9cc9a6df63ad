/** How configs are read against Hydra itself: the record_*.py beside this file make the tables. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPlainScalar } from '../../../src/config/yaml-scalars';

type Recorded = null | boolean | string | { int: string } | { float: string };

const table = <T>(name: string): T => JSON.parse(readFileSync(join(__dirname, name), 'utf8')) as T;

describe('words without quotes in YAML', () => {
  it.each(Object.entries(table<Record<string, Recorded>>('scalars.json')))('%s', (word, recorded) => {
    const { value, float = false } = readPlainScalar(word);
    if (typeof recorded !== 'object' || recorded === null) return expect(value).toBe(recorded);
    const [kind, text] = Object.entries(recorded)[0]!;
    expect(float).toBe(kind === 'float');
    const numbers: Record<string, number> = { inf: Infinity, '-inf': -Infinity, nan: NaN };
    return expect(value).toBe(numbers[text] ?? Number(text));
  });
});
