/** The kernels of both engines take any arguments without a crash. In processes of their own, which a crash would end. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { KERNEL_NAMES } from '../../src/engine/native/library';
import { usableForms } from '../../src/engine/wasm/forms';

const ROOT = join(__dirname, '../..');
const ADDON = join(ROOT, '.native', `osc-${process.platform}-${process.arch}.node`);
const isLong = process.env['CI'] === 'true';

/** What went wrong is on stderr; `worked` of each function must be a fifth. */
function expectSound(program: string, args: readonly string[], calls: number, functions: number): void {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [join(__dirname, program), ...args, '--calls', String(calls)],
    { encoding: 'utf8', timeout: 280_000 },
  );
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  const counts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((count) => 'op' in count);
  expect(counts).toHaveLength(functions);
  for (const { op, worked, refused } of counts) {
    expect({ op, worked, refused }).toEqual({ op, worked: expect.any(Number), refused: expect.any(Number) });
    expect(worked).toBeGreaterThan(calls / 5);
  }
}

// with init, memory and instructionSets
test('native: random calls work, or throw a TypeError that names the op', () => {
  expectSound('fuzz.mjs', [ADDON], isLong ? 10_000 : 2500, KERNEL_NAMES.length + 3);
}, 300_000);

// without AddressSanitizer: guards around the arrays show what is written beside them
test.each(usableForms())(
  'wasm %s: so do they there, and write nothing beside their arrays',
  (form) => {
    expectSound('fuzz-wasm.mjs', ['--form', form], isLong ? 3000 : 500, KERNEL_NAMES.length);
  },
  300_000,
);
