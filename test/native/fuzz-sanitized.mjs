/**
 * `npm run fuzz:native [-- --calls N --seed S --only OP --valid]`: test/native/fuzz.mjs under AddressSanitizer. Builds the addon for it
 * first; needs g++ and its libasan (Linux).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
execFileSync(process.execPath, [here('../../src/engine/native/install.mjs'), '--sanitize', '--strict'], {
  stdio: 'inherit',
});
const library = execFileSync(process.env.CXX || 'g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
const addon = here(`../../.native/osc-${process.platform}-${process.arch}-asan.node`);
const { status, signal } = spawnSync(process.execPath, [here('fuzz.mjs'), addon, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, LD_PRELOAD: library, ASAN_OPTIONS: 'allocator_may_return_null=1,detect_leaks=0' },
});
if (signal) console.error(`Ended by ${signal}.`);
process.exitCode = status ?? 1;
