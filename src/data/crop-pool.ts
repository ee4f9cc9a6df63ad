/** Where crops are made: in worker threads, or in this one. Nothing else depends on which. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import type { Dataset } from '../sdk';
import { RunError } from '../sdk/errors';
import type { Logger } from '../sdk/logger';
import { messageOf } from '../util/thrown';
import { CropMaker, type CropTask } from './crop-maker';
import { isBadRecord } from './dataset';
import { fromPlainError } from './thread-errors';
import { type LogLine, writeLine } from './thread-logger';
import type { TaskOutcome, WorkerSetup } from './crop-worker';

export interface CropPool {
  /** Batches to have in the making ahead of the one in use. */
  readonly batchesAhead: number;
  /**
   * Makes both crops of a record; takes over the record's bytes.
   *
   * @returns why the record could not be decoded, if it could not
   * @throws RunError for a worker that died; whatever else the data set throws
   */
  run(task: CropTask): Promise<Error | undefined>;
  /** Ends the workers, whatever they do; tasks that are not done are rejected. */
  close(): Promise<void>;
}

const WORKER_FILE = join(__dirname, 'crop-worker.js');

/** More workers than this are of no use: two feed a GPU. */
const MAX_AUTO_WORKERS = 4;

/** Workers where the config says null: the trainer keeps a core. None from TypeScript sources, which threads cannot load. */
export function defaultNumWorkers(): number {
  if (!existsSync(WORKER_FILE)) return 0;
  return Math.max(1, Math.min(MAX_AUTO_WORKERS, availableParallelism() - 1));
}

/** A worker that has had nothing to do for so long ends, all but one: validation waits for training. */
const IDLE_MS = 30_000;

/** The workers of a split. They start with the first record, so a source that is not read costs none. */
export class WorkerCropPool implements CropPool {
  readonly batchesAhead = 3;
  #pool: Piscina<CropTask, TaskOutcome> | undefined;

  constructor(
    private readonly setup: WorkerSetup,
    private readonly numWorkers: number,
    private readonly logger: Logger,
  ) {}

  async run(task: CropTask): Promise<Error | undefined> {
    const { buffer } = task.record.bytes;
    let outcome: TaskOutcome;
    try {
      outcome = await this.#start().run(task, { transferList: [buffer as ArrayBuffer] });
    } catch (cause) {
      throw new RunError(
        'A data worker ended unexpectedly.',
        `It was working on record ${task.record.index} of ${task.record.file}. ${messageOf(cause)}`,
        ['data.num_workers=0 decodes in the main thread, which shows the cause'],
        { cause },
      );
    }
    if (outcome === 'made') return undefined;
    if ('failed' in outcome) throw fromPlainError(outcome.failed);
    return fromPlainError(outcome.broken);
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  #start(): Piscina<CropTask, TaskOutcome> {
    if (this.#pool !== undefined) return this.#pool;
    const pool = new Piscina<CropTask, TaskOutcome>({
      filename: WORKER_FILE,
      name: 'makeCrops',
      workerData: this.setup,
      minThreads: 1, // with none, the tasks behind one that kills its worker would wait for ever
      maxThreads: this.numWorkers,
      idleTimeout: IDLE_MS,
      recordTiming: false,
    });
    pool.on('message', (line: LogLine) => writeLine(this.logger, line));
    this.#pool = pool;
    return pool;
  }
}

/** No workers: crops are made when the batch is asked for. */
export class InThreadCropPool implements CropPool {
  readonly batchesAhead = 1;
  readonly #maker: CropMaker;

  constructor(dataset: Dataset, { split, crops }: Pick<WorkerSetup, 'split' | 'crops'>) {
    this.#maker = new CropMaker(dataset, split, crops);
  }

  async run(task: CropTask): Promise<Error | undefined> {
    try {
      this.#maker.make(task);
      return undefined;
    } catch (error) {
      if (isBadRecord(error)) return error;
      throw error;
    }
  }

  async close(): Promise<void> {
    // nothing runs between two calls
  }
}
