import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Detection, Engine } from './contract';
import { diagnose, isNewEnough } from './doctor';

const engine = (name: string, detection: Detection): Engine => ({
  name,
  summary: `${name}.`,
  detect: () => Promise.resolve(detection),
  prepare: () => Promise.reject(new Error('A doctor only looks.')),
});
const subject = { version: '1.2.3', nodeRange: '>=20.19.0', nodeVersion: '20.19.0' };
const broken = engine('native', { usable: false, found: 'no binary', needs: 'a compiler', improve: 'Run this.' });

test('a healthy machine', async () => {
  const diagnosis = await diagnose({ ...subject, engines: [broken, engine('slow', { usable: true, found: 'all' })] });
  expect(diagnosis).toMatchObject({
    osc: '1.2.3',
    node: { version: '20.19.0', needs: '>=20.19.0', isNewEnough: true },
    engines: [
      {
        name: 'native',
        summary: 'native.',
        usable: false,
        found: 'no binary',
        needs: 'a compiler',
        improve: 'Run this.',
      },
      { name: 'slow', usable: true, found: 'all', needs: null, improve: null, notForAuto: null },
    ],
    auto: { engine: 'slow', why: 'the fastest that is usable here (native: no binary)' },
    problems: [],
  });
});

test('an old Node, and no engine: two problems', async () => {
  const { auto, problems } = await diagnose({ ...subject, nodeVersion: '18.20.1', engines: [broken] });
  expect(auto).toBeNull();
  expect(problems).toEqual([
    'Node 18.20.1 is too old: osc needs >=20.19.0.',
    'No engine is usable here (native: no binary).',
  ]);
});

test.each([
  ['20.19.0', true],
  ['20.18.9', false],
  ['20.20.0', true],
  ['22.0.0', true],
  ['18.99.99', false],
])('Node %s: new enough is %s', (version, expected) => {
  expect(isNewEnough(version, '>=20.19.0')).toBe(expected);
});

test('package.json has a range of the form that is understood', () => {
  const manifest = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  expect((JSON.parse(manifest) as { engines: { node: string } }).engines.node).toMatch(/^>=\d+\.\d+\.\d+$/);
});
