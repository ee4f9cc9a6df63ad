/** What runs in a data worker. Loaded by piscina from the built `crop-worker.js`. */
import { parentPort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { Registry, type RegistrySpec } from '../registry';
import type { SplitName } from '../sdk';
import { CropMaker, type CropSettings, type CropTask } from './crop-maker';
import { createDataset, type DatasetNode, isBadRecord } from './dataset';
import { type PlainError, toPlainError } from './thread-errors';
import { threadLogger } from './thread-logger';

/** Everything a worker needs to make the same data set as the main thread. */
export interface WorkerSetup {
  readonly registry: RegistrySpec;
  readonly dataset: DatasetNode;
  readonly split: SplitName;
  readonly crops: CropSettings;
}

const logger = threadLogger((line) => parentPort?.postMessage(line));

async function openMaker(): Promise<CropMaker> {
  const setup = Piscina.workerData as WorkerSetup;
  const registry = await Registry.open(setup.registry);
  return new CropMaker(await createDataset(registry, setup.dataset, logger), setup.split, setup.crops);
}

let opening: Promise<CropMaker> | undefined;

/** How a task ended: well, with a broken record, or with something else that went wrong. */
export type TaskOutcome = 'made' | { readonly broken: PlainError } | { readonly failed: PlainError };

export async function makeCrops(task: CropTask): Promise<TaskOutcome> {
  let maker: CropMaker;
  try {
    maker = await (opening ??= openMaker());
  } catch (error) {
    return { failed: toPlainError(error) };
  }
  try {
    maker.make(task);
    return 'made';
  } catch (error) {
    return isBadRecord(error) ? { broken: toPlainError(error) } : { failed: toPlainError(error) };
  }
}
