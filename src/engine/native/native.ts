/** The engine `native`. */
import os from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineInfo, EngineOptions } from '../contract';
import { threadsOf } from '../machine';
import { UsageError } from '../../sdk/errors';
import { loadAddon, nativeLibrary } from './addon';
import { installBackend } from './install-backend';
import { chooseInstructionSet, inWords } from './instruction-set';

export const BACKEND_NAME = 'osc-native';

/** @throws UsageError where the addon is not there, or lacks the instruction set that is asked for */
export async function prepareNative({ threads }: EngineOptions = {}): Promise<EngineInfo> {
  tf.enableProdMode();
  const addon = addonOrUsageError();
  const library = nativeLibrary(addon, {
    threads: threadsOf(threads),
    instructionSet: instructionSet(addon.instructionSets()),
  });
  installBackend(BACKEND_NAME, library, Math.max(2 ** 30, os.totalmem() / 4));
  await tf.setBackend(BACKEND_NAME);
  return { name: 'native', threads: library.threads, device: `CPU, ${inWords(library.instructionSet)}` };
}

function addonOrUsageError(): ReturnType<typeof loadAddon> {
  try {
    return loadAddon();
  } catch (error) {
    const why = `${(error as Error).message}.`;
    const hints = ['npm rebuild osc-trainer', 'engine.name=auto'];
    throw new UsageError('The engine native cannot run here.', `${why[0]!.toUpperCase()}${why.slice(1)}`, hints);
  }
}

function instructionSet(available: string[]): string {
  const set = chooseInstructionSet(available);
  if ('name' in set) return set.name;
  throw new UsageError(`${set.problem}.`, `It has ${set.available}.`, set.hints);
}
