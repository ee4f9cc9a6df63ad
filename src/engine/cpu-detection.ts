import { readFileSync } from 'node:fs';
import type { Detection } from './contract';

const PACKAGE = '@tensorflow/tfjs-backend-cpu';

/** From its package.json: its code stays unloaded. */
export function detectCpu(): Detection {
  try {
    const manifest = readFileSync(require.resolve(`${PACKAGE}/package.json`), 'utf8');
    return { usable: true, found: `${PACKAGE} ${(JSON.parse(manifest) as { version: string }).version}` };
  } catch {
    return { usable: false, found: `${PACKAGE} is not installed`, improve: 'Run npm install anew.' };
  }
}
