/** The engine `tensorflow`: tfjs-node, where it is installed. */
import { cpus } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { UsageError } from '../../sdk/errors';
import type { EngineInfo, EngineOptions } from '../contract';
import { findPackage, type FoundPackage } from './find';
import { installFolder } from './folders';
import { gpuName } from './gpu';
import { BACKEND, loadTensorflow, type LoadedTensorflow } from './load';
import { installCommand, packageOf, TFJS_NODE_VERSION } from './variant';

export async function prepareTensorflow({ threads = null }: EngineOptions = {}): Promise<EngineInfo> {
  const found = findPackage();
  if (found === null) throw notInstalled();
  const loaded = load(found, threads);
  await tf.setBackend(BACKEND);
  await tf.ready();
  return { name: 'tensorflow', threads: loaded.threads, device: deviceOf(found, loaded) };
}

function notInstalled(): UsageError {
  return new UsageError(
    'The engine "tensorflow" is not installed.',
    `Neither ${packageOf('gpu')} nor ${packageOf('cpu')} ${TFJS_NODE_VERSION} with its binary is a dependency of this project, or in ${installFolder('gpu')} or ${installFolder('cpu')}.`,
    [installCommand('cpu'), installCommand('gpu'), 'engine.name=auto'],
  );
}

/** @throws UsageError that names the folder and the linker's words */
function load(found: FoundPackage, threads: number | null): LoadedTensorflow {
  try {
    return loadTensorflow(found, threads);
  } catch (error) {
    throw new UsageError(
      `The engine "tensorflow" could not be loaded from ${found.folder}.`,
      `It threw: ${(error as Error).message}`,
      [installCommand(found.variant, ' --force')],
      { cause: error },
    );
  }
}

function deviceOf({ variant }: FoundPackage, { onGpu, version }: LoadedTensorflow): string {
  const library = `TensorFlow ${version}`;
  if (onGpu) return `${gpuName()} (${library})`;
  const processor = cpus()[0]?.model.trim() || 'unknown CPU';
  return `${processor} (${library}${variant === 'gpu' ? ', which sees no GPU' : ''})`;
}
