import { extname, join } from 'node:path';
import { Worker, type MessagePort } from 'node:worker_threads';

/** What a module for {@link startPluginThread} exports. */
export interface PluginThread<D> {
  /** Called once, when the thread starts. */
  run(data: D, port: MessagePort): void;
}

/** What {@link startPluginThread} hands to the file that runs first in the thread. */
export interface ThreadStart {
  readonly file: string;
  readonly data: unknown;
}

/**
 * Starts a worker thread of a plugin, in which `osc-trainer/sdk` is the running copy, as in the main thread, wherever the
 * plugin lies. A plain `new Worker(file)` knows nothing of it.
 *
 * @param file absolute path of a CommonJS module that is a {@link PluginThread}
 * @param data what its `run` gets: anything that can be cloned
 * @throws Error under jest, where there are TypeScript sources only, which Node cannot run in a thread
 */
export function startPluginThread(file: string, data: unknown): Worker {
  if (extname(__filename) === '.ts') {
    throw new Error(`Threads need the built package, so ${file} cannot be run from source: choose to use no threads.`);
  }
  const workerData: ThreadStart = { file, data };
  return new Worker(join(__dirname, 'plugin-thread-entry.js'), { workerData });
}
