import { z } from 'zod';
import type { ComponentManifest } from '../sdk/component';
import { componentsWithTable, fillOptionTables } from './option-tables';

const manifest = (
  name: string,
  options: z.ZodRawShape,
  kind: ComponentManifest['kind'] = 'loss',
): ComponentManifest => ({
  kind,
  name,
  summary: 'of a test',
  options: z.strictObject(options),
});

const README = 'Before\n\n<!-- options near -->\n\nold\n\n<!-- /options -->\n\nAfter\n';
const near = manifest('near', {
  size: z.tuple([z.int(), z.int()]).default([8, 8]).describe('height, width'),
  mode: z.enum(['a', 'b']).default('a').describe('a | b'),
  root: z.string().describe('a folder'),
});

test('a table has name, default and description of every option, as prettier writes it', () => {
  const filled = fillOptionTables(README, [near]);
  expect(filled).toBe(
    [
      'Before\n\n<!-- options near -->\n',
      '| option | default  | meaning       |',
      '| ------ | -------- | ------------- |',
      '| `size` | `[8, 8]` | height, width |',
      '| `mode` | `a`      | a \\| b        |',
      '| `root` | required | a folder      |',
      '\n<!-- /options -->\n\nAfter\n',
    ].join('\n'),
  );
  expect(fillOptionTables(filled, [near])).toBe(filled);
});

test('components with the same options share a table', () => {
  const readme = README.replace('near', 'near, far');
  const far = { ...near, name: 'far' };
  expect(componentsWithTable(readme, [near, far])).toEqual([near, far]);
  expect(fillOptionTables(readme, [near, far])).toContain('| `root` |');
  expect(() => fillOptionTables(readme, [near, manifest('far', {})])).toThrow('near, far have different options');
});

test('a name that several kinds have is written with the kind', () => {
  const other = manifest('near', {}, 'tracker');
  expect(() => fillOptionTables(README, [near, other])).toThrow('for near, of which the plugin has 2');
  expect(fillOptionTables(README.replace('near', 'loss near'), [near, other])).toContain('`size`');
  expect(() => fillOptionTables(README, [])).toThrow('for near, of which the plugin has 0');
});
