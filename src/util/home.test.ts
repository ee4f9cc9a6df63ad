import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheHome, dataHome, expandHome } from './home';

test.each([
  ['~', homedir()],
  ['~/data', join(homedir(), 'data')],
  ['~someone/data', '~someone/data'],
  ['./~/data', './~/data'],
  ['', ''],
])('%s', (path, expanded) => {
  expect(expandHome(path)).toBe(expanded);
});

test('the XDG folders, where they are absolute paths', () => {
  expect(cacheHome({ XDG_CACHE_HOME: '/fast/cache' })).toBe('/fast/cache');
  expect(cacheHome({ XDG_CACHE_HOME: 'relative' })).toBe(join(homedir(), '.cache'));
  expect(cacheHome({})).toBe(join(homedir(), '.cache'));
  expect(dataHome({ XDG_DATA_HOME: '/data' })).toBe('/data');
  expect(dataHome({ XDG_DATA_HOME: '' })).toMatch(/share$|Local$/);
});
