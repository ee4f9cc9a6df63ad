/** The engine `native`. */
import os from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineInfo, EngineOptions } from '../contract';
import { defaultThreads } from '../machine';
import { UsageError } from '../../sdk/errors';
import { nearNames } from '../../sdk/near-names';
import { INSTRUCTION_SET_VARIABLE, loadAddon, nativeLibrary } from './addon';
import { installBackend } from './install-backend';

export const BACKEND_NAME = 'osc-native';

/** @throws UsageError where the addon is not there, or lacks the instruction set that is asked for */
export async function prepareNative({ threads }: EngineOptions = {}): Promise<EngineInfo> {
  tf.enableProdMode();
  const addon = addonOrUsageError();
  const library = nativeLibrary(addon, {
    threads: threads ?? defaultThreads(),
    instructionSet: instructionSet(addon.instructionSets()),
  });
  installBackend(BACKEND_NAME, library, Math.max(2 ** 30, os.totalmem() / 4));
  await tf.setBackend(BACKEND_NAME);
  return { name: 'native', threads: library.threads, device: `CPU, ${library.instructionSet}` };
}

function addonOrUsageError(): ReturnType<typeof loadAddon> {
  try {
    return loadAddon();
  } catch (error) {
    const why = `${(error as Error).message}.`;
    const tries = ['npm rebuild osc-trainer', 'engine.name=auto'];
    throw new UsageError('The engine native cannot run here.', `${why[0]!.toUpperCase()}${why.slice(1)}`, tries);
  }
}

function instructionSet(available: string[]): string {
  const wanted = process.env[INSTRUCTION_SET_VARIABLE];
  if (wanted === undefined || wanted === '') return available[0]!;
  if (available.includes(wanted)) return wanted;
  throw new UsageError(
    `${INSTRUCTION_SET_VARIABLE} is "${wanted}", which this processor does not have.`,
    `It has ${available.join(', ')}.`,
    nearNames(wanted, available).map((near) => `${INSTRUCTION_SET_VARIABLE}=${near}`),
  );
}
