/** A runtime that lacks what the engine needs. */
import type * as nodeFs from 'node:fs';
import type * as formsModule from './forms';
import type * as wasmModule from './wasm';

async function expectRefused(found: string): Promise<void> {
  const { detectWasm } = jest.requireActual<typeof formsModule>('./forms');
  expect(detectWasm()).toMatchObject({ usable: false, found: expect.stringContaining(found) });
  const { prepareWasm } = jest.requireActual<typeof wasmModule>('./wasm');
  await expect(prepareWasm({ threads: 1 })).rejects.toMatchObject({
    name: 'UsageError',
    what: 'The engine wasm cannot run here.',
    why: expect.stringContaining(found.slice(1)),
    hints: ['engine.name=auto'],
  });
}

beforeEach(() => jest.resetModules());
afterEach(() => {
  jest.dontMock('node:fs');
  jest.restoreAllMocks();
});

test('without its modules', async () => {
  jest.doMock('node:fs', () => {
    const fs = jest.requireActual<typeof nodeFs>('node:fs');
    const read = (file: string): unknown => fs.readFileSync(file.endsWith('.wasm') ? `${file}.gone` : file);
    return { ...fs, readFileSync: read };
  });
  await expectRefused('its modules cannot be read (ENOENT');
});

test('without SIMD', async () => {
  const { wasm } = await import('./webassembly.js');
  jest.spyOn(wasm, 'validate').mockReturnValue(false);
  await expectRefused('this processor or Node has no WebAssembly SIMD with threads');
});

test('where it may not reserve addresses', async () => {
  const { wasm } = await import('./webassembly.js');
  jest.spyOn(wasm, 'Memory').mockImplementation(() => {
    throw new RangeError('could not allocate memory');
  });
  const { prepareWasm } = jest.requireActual<typeof wasmModule>('./wasm');
  await expect(prepareWasm()).rejects.toMatchObject({ name: 'UsageError', message: expect.stringMatching(/4 GB/) });
});
