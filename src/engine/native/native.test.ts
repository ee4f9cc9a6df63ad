/** An addon that is missing, or older than its sources. */
import type * as nodeFs from 'node:fs';
import type * as addonModule from './addon';
import type * as nativeModule from './native';

afterEach(() => {
  jest.resetModules();
  jest.dontMock('node:fs');
});

async function expectRefused(found: string): Promise<void> {
  const { detectNative } = jest.requireActual<typeof addonModule>('./addon');
  const detection = detectNative();
  expect(detection).toMatchObject({ usable: false, found });
  expect(detection.improve).toMatch(/npm rebuild osc-trainer\.$/);
  const { prepareNative } = jest.requireActual<typeof nativeModule>('./native');
  await expect(prepareNative({ threads: 1 })).rejects.toMatchObject({
    name: 'UsageError',
    message: `The engine native cannot run here. ${found[0]!.toUpperCase()}${found.slice(1)}.`,
    hints: ['npm rebuild osc-trainer', 'engine.name=auto'],
  });
}

test('where it is missing, that is said, and how to get it', async () => {
  const { arch } = process;
  Object.defineProperty(process, 'arch', { value: 'none' });
  try {
    jest.resetModules();
    await expectRefused('its addon has not been built');
  } finally {
    Object.defineProperty(process, 'arch', { value: arch });
  }
});

test('more threads than there is room for are as many as there is', async () => {
  jest.resetModules();
  const { prepareNative } = jest.requireActual<typeof nativeModule>('./native');
  expect((await prepareNative({ threads: 1e6 })).threads).toBeLessThanOrEqual(256);
  expect((await prepareNative({ threads: 1 })).threads).toBe(1);
});

test('one built from other sources is not used', async () => {
  jest.resetModules();
  jest.doMock('node:fs', () => {
    const fs = jest.requireActual<typeof nodeFs>('node:fs');
    const changed = (file: string): unknown => (file.endsWith('.cc') ? Buffer.from('changed') : fs.readFileSync(file));
    return { ...fs, readFileSync: changed };
  });
  await expectRefused('its addon was built from other sources than are here');
});
