import { awaitForeign, foreignCode, noteForeignCode, ownerOf, patchedPrototypes, waitingFor } from './foreign-code';

beforeAll(() => {
  noteForeignCode({ kind: 'plugin', name: 'osc-plugin-x', path: '/p/x' });
  noteForeignCode({ kind: 'plugin', name: 'osc-plugin-inner', path: '/p/x/node_modules/inner' });
  noteForeignCode({ kind: 'config file', name: 'osc.config.ts', path: '/p/osc.config.ts' });
  noteForeignCode({ kind: 'plugin', name: 'osc-plugin-x', path: '/p/x' });
});

test('each once', () => {
  expect(foreignCode().map(({ name }) => name)).toEqual(['osc-plugin-x', 'osc-plugin-inner', 'osc.config.ts']);
});

test.each([
  ['    at f (/p/x/index.js:3:7)', 'osc-plugin-x'],
  ['    at async Promise.all (index 0)\n    at /p/x/index.js:3:7', 'osc-plugin-x'],
  ['    at file:///p/x/a%20b.mjs:1:1', 'osc-plugin-x'],
  ['    at f (/p/x/node_modules/inner/index.js:3:7)\n    at g (/p/x/index.js:1:1)', 'osc-plugin-inner'],
  ['    at node:internal/timers:5:1\n    at f (/osc/dist/a.js:1:2)\n    at g (/p/osc.config.ts:1:1)', 'osc.config.ts'],
  ['    at f (/p/xy/index.js:3:7)', undefined],
  ['    at f (node:fs:1:1)', undefined],
  ['Error: /p/x/index.js:3:7', undefined],
  ['null', undefined],
])('%j', (stack, name) => {
  expect(ownerOf(stack)?.name).toBe(name);
});

test('what is waited for, until it comes', async () => {
  const waiting = awaitForeign('the callback a', () =>
    awaitForeign('the callback b', () => {
      expect(waitingFor()).toEqual(['the callback a', 'the callback b']);
      return Promise.resolve(3);
    }),
  );
  await expect(waiting).resolves.toBe(3);
  expect(waitingFor()).toEqual([]);
});

test('what is added to all objects', () => {
  expect(patchedPrototypes()).toEqual([]);
  const prototype = Object.prototype as { patch?: number };
  prototype.patch = 1;
  try {
    expect(patchedPrototypes()).toEqual(['Object.prototype.patch']);
  } finally {
    delete prototype.patch;
  }
});
