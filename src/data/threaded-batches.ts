import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { RunError } from '../sdk/errors';
import type { Logger } from '../sdk/logger';
import { type ImageBatch, batchesPerEpoch, type BatchSource, closedError } from './batch-source';
import type { BatchOrder, BatchReply, BatchRequest, BatchThreadMessage, BatchThreadSetup } from './batch-thread';
import { fromPlainError } from './thread-errors';
import { writeLine } from './thread-logger';

interface Waiting {
  resolve(reply: BatchReply): void;
  reject(error: Error): void;
}

/** Batches that are made in other threads: `batch-thread` reads, its workers make crops, this thread takes what is there. */
export class ThreadedBatches implements BatchSource {
  readonly numSamples: number;
  readonly batchesPerEpoch: number;
  #skipped = 0;
  #thread: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #runs = 0;
  #closed = false;

  /** The thread starts with the first batch that is asked for, so a source that is not read costs none. */
  constructor(
    private readonly setup: BatchThreadSetup,
    private readonly logger: Logger,
  ) {
    this.numSamples = setup.batches.numSamples;
    this.batchesPerEpoch = batchesPerEpoch(setup.batches);
  }

  get skipped(): number {
    return this.#skipped;
  }

  async *epoch(epoch: number, fromBatch = 0): AsyncGenerator<ImageBatch, void, undefined> {
    const run = this.#runs++;
    let ended = false;
    try {
      for (;;) {
        const { batch, skipped } = await this.#ask({ op: 'next', run, epoch, fromBatch });
        this.#skipped = skipped;
        ended = batch === null;
        if (batch === null) return;
        yield batch;
      }
    } finally {
      // left early: the thread stops making batches (there is none if it died or the source was closed)
      if (!ended && this.#thread !== undefined) await this.#ask({ op: 'stop', run });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    this.#fail(closedError(this.setup.split));
    await thread?.terminate(); // and the workers it started
  }

  #ask(order: BatchOrder): Promise<BatchReply> {
    if (this.#closed) return Promise.reject(closedError(this.setup.split));
    const thread = (this.#thread ??= this.#start());
    const id = this.#requests++;
    thread.ref(); // the process lives as long as someone waits for a batch, and no longer
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      thread.postMessage({ ...order, id } satisfies BatchRequest);
    });
  }

  #start(): Worker {
    const thread = new Worker(join(__dirname, 'batch-thread.js'), { workerData: this.setup });
    thread.on('message', (message: BatchThreadMessage) => {
      if ('log' in message) return writeLine(this.logger, message.log);
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (this.#waiting.size === 0) thread.unref();
      if ('error' in message) waiting?.reject(fromPlainError(message.error));
      else waiting?.resolve(message);
    });
    thread.on('error', (cause) => this.#fail(this.#died(cause.message, cause)));
    thread.on('exit', (code) => this.#fail(this.#died(`Its exit code was ${code}.`)));
    return thread;
  }

  #died(why: string, cause?: Error): RunError {
    const hints = ['data.num_workers=0 reads and decodes in the main thread, which shows the cause'];
    return new RunError(`The thread that reads the split ${this.setup.split} ended unexpectedly.`, why, hints, {
      cause,
    });
  }

  #fail(error: Error): void {
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
