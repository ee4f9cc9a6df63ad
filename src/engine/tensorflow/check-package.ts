/** Tries a package in a process of its own: a library that does not fit this machine may end it. */
import { join } from 'node:path';
import type { LoadedTensorflow } from './load';
import type { Finished, Run } from './process';
import type { Variant } from './variant';

/** @returns what was loaded, or how the process ended where it does not run */
export async function checkPackage(folder: string, variant: Variant, run: Run): Promise<LoadedTensorflow | Finished> {
  const result = await run(process.execPath, [join(__dirname, 'check.js'), folder, variant]);
  return result.code === 0 ? (JSON.parse(result.stdout) as LoadedTensorflow) : result;
}
