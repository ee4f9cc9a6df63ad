/**
 * The thread that reads, shuffles and hands out work: the main thread cannot, since a training step on the CPU blocks it
 * for as long as it takes. Loaded from the built `batch-thread.js`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Registry } from '../registry';
import type { BatchSettings } from './batch-source';
import { WorkerCropPool } from './crop-pool';
import type { WorkerSetup } from './crop-worker';
import { createDataset } from './dataset';
import { LocalBatches } from './local-batches';
import { type PlainError, toPlainError } from './thread-errors';
import { type LogLine, threadLogger } from './thread-logger';

export interface BatchThreadSetup extends WorkerSetup {
  readonly numWorkers: number;
  readonly batches: BatchSettings;
}

/** A run is one reading of an epoch. `next` begins it, and gives back the batch before. */
export type BatchOrder =
  | { readonly op: 'next'; readonly run: number; readonly epoch: number; readonly fromBatch: number }
  | { readonly op: 'stop'; readonly run: number };

export type BatchRequest = BatchOrder & { readonly id: number };

export interface BatchReply {
  readonly id: number;
  /** null: the run has ended. */
  readonly batch: { readonly images: Float32Array; readonly size: number; readonly indices: Int32Array } | null;
  readonly skipped: number;
}

export type BatchThreadMessage = BatchReply | { readonly id: number; readonly error: PlainError } | { log: LogLine };

const port = parentPort!;
const send = (message: BatchThreadMessage): void => port.postMessage(message);
const logger = threadLogger((log) => send({ log }));

async function open(): Promise<LocalBatches> {
  const { numWorkers, batches, ...setup } = workerData as BatchThreadSetup;
  const registry = await Registry.open(setup.registry);
  const dataset = await createDataset(registry, setup.dataset, logger);
  return new LocalBatches(dataset, new WorkerCropPool(setup, numWorkers, logger), batches, logger);
}

const runs = new Map<number, ReturnType<LocalBatches['epoch']>>();
let opening: Promise<LocalBatches> | undefined;

async function answer(request: BatchRequest): Promise<BatchReply> {
  const source = await (opening ??= open());
  const { id, run } = request;
  if (request.op === 'stop') {
    await runs.get(run)?.return();
    runs.delete(run);
    return { id, batch: null, skipped: source.skipped };
  }
  const batches = runs.get(run) ?? source.epoch(request.epoch, request.fromBatch);
  runs.set(run, batches);
  const { done, value } = await batches.next();
  if (done) runs.delete(run);
  return { id, batch: done ? null : value, skipped: source.skipped };
}

port.on('message', (request: BatchRequest) => {
  answer(request).then(send, (error: unknown) => send({ id: request.id, error: toPlainError(error) }));
});
