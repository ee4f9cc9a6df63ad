/** The last part of `npm run chaos`: new inputs for whatever reads files (test/fuzz). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endWithAll } from './osc.mjs';

const RUN = fileURLToPath(new URL('../fuzz/run.mjs', import.meta.url));

export const hasFuzzTargets = existsSync(RUN);

/**
 * Runs `test/fuzz/run.mjs --seconds N --seed S`, which tells of failures with what reproduces them, and whose last line is JSON.
 *
 * @returns { passed, failed }; all that went well count as one: an input is no test, and a million would drown what is counted with it
 */
export async function runFuzzTargets(seconds, seed) {
  const child = spawn(process.execPath, [RUN, '--seconds', String(seconds), '--seed', String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithAll(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part;
    process.stdout.write(part);
  });
  const [code] = await once(child, 'close');
  const last = text.trimEnd().split('\n').at(-1);
  try {
    const { passed, failed } = JSON.parse(last);
    if (passed > 0 && Number.isInteger(failed)) return { passed: failed === 0 ? 1 : 0, failed };
  } catch {
    // told below
  }
  console.log(`test/fuzz/run.mjs ended with code ${code} and without its result: that counts as one failure.`);
  return { passed: 0, failed: 1 };
}
