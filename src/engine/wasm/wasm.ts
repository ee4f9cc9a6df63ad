/** The engine `wasm`. */
import * as tf from '@tensorflow/tfjs-core';
import type { EngineInfo, EngineOptions } from '../contract';
import { threadsOf } from '../machine';
import { UsageError } from '../../sdk/errors';
import { installBackend } from '../native/install-backend';
import { detectWasm, deviceOf, usableForms } from './forms';
import { WasmLibrary } from './module';

const BACKEND_NAME = 'osc-wasm';

/** One a process (or worker thread), as its backend is. */
let library: WasmLibrary | undefined;

/** @throws UsageError where this runtime cannot run it */
export async function prepareWasm({ threads }: EngineOptions = {}): Promise<EngineInfo> {
  tf.enableProdMode();
  library ??= loadLibrary();
  await library.setThreads(threadsOf(threads));
  installBackend(BACKEND_NAME, library, Infinity); // memory of WebAssembly cannot be given back
  await tf.setBackend(BACKEND_NAME);
  return { name: 'wasm', threads: library.threads, device: deviceOf(library.form) };
}

function loadLibrary(): WasmLibrary {
  const { usable, found } = detectWasm();
  const cannot = (why: string, cause?: unknown): UsageError =>
    new UsageError('The engine wasm cannot run here.', why, ['engine.name=auto'], { cause });
  if (!usable) throw cannot(`${found[0]!.toUpperCase()}${found.slice(1)}.`);
  try {
    return new WasmLibrary(usableForms()[0]!);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw cannot('The process may not reserve 4 GB of addresses (ulimit -v).', cause);
  }
}
