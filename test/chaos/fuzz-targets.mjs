/** The last part of `npm run chaos`: new inputs for whatever reads files (test/fuzz). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('../fuzz/run.mjs', import.meta.url));

export const hasFuzzTargets = existsSync(RUN);

/**
 * Runs `test/fuzz/run.mjs --seconds N --seed S`, which tells of failures with what reproduces them, and whose last line is JSON.
 *
 * @returns { passed, failed }
 */
export async function runFuzzTargets(seconds, seed) {
  const child = spawn(process.execPath, [RUN, '--seconds', String(seconds), '--seed', String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part;
    process.stdout.write(part);
  });
  const [code] = await once(child, 'close');
  const last = text.trimEnd().split('\n').at(-1);
  try {
    const { passed, failed } = JSON.parse(last);
    if (Number.isInteger(passed) && Number.isInteger(failed)) return { passed, failed };
  } catch {
    // told below
  }
  console.log(`test/fuzz/run.mjs ended with code ${code} and without its result: that counts as one failure.`);
  return { passed: 0, failed: 1 };
}
