/** Generates records in worker threads. What comes out depends neither on their number nor on who is quickest. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { RandomSource, RunError, startPluginThread } from 'osc-trainer/sdk';
import { encodeImageRecord, encodeSceneRecord } from 'osc-trainer/sdk/data';
import { generateScene, type SceneOptions } from './scene';

/** Scenes handed to a thread at once. */
const CHUNK = 16;
/** Chunks that may wait for the reader, per thread. */
const AHEAD = 2;

export interface Job {
  readonly seed: number;
  /** Sets the scenes of one split apart from those of another. */
  readonly purpose: string;
  /** Images only, or whole records with masks and attributes. */
  readonly content: 'image' | 'scene';
  readonly count: number;
  readonly scene: SceneOptions;
}

/** What a thread is asked: scenes `first` to `end - 1` of a job. */
export interface Chunk {
  readonly job: Job;
  readonly first: number;
  readonly end: number;
}

/** What a thread answers: an error crosses to another thread as its parts, since its class would be lost. */
export type Answer =
  | { readonly records: Uint8Array<ArrayBuffer>[] }
  | {
      readonly failure: { readonly what: string; readonly why: string | undefined; readonly hints: readonly string[] };
    };

/** The record of scene `index`. */
export function makeRecord({ seed, purpose, content, scene }: Job, index: number): Uint8Array {
  const sample = generateScene(new RandomSource(seed).scope(purpose), index, scene);
  return content === 'image' ? encodeImageRecord(sample.image, sample.height, sample.width) : encodeSceneRecord(sample);
}

/** One thread; it works at its chunks one after the other. */
class SceneThread {
  readonly #worker: Worker = startPluginThread(join(__dirname, 'scene-worker.js'), undefined);
  #last: Promise<unknown> = Promise.resolve();

  run(chunk: Chunk): Promise<Uint8Array[]> {
    const answer = this.#last.then(() => this.#ask(chunk));
    this.#last = answer.catch(() => undefined); // it is thrown to whoever asked
    return answer;
  }

  #ask(chunk: Chunk): Promise<Uint8Array[]> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        then();
      };
      const onMessage = (answer: Answer): void =>
        settle(() => {
          if ('records' in answer) resolve(answer.records);
          else reject(new RunError(answer.failure.what, answer.failure.why, answer.failure.hints));
        });
      const onError = (error: Error): void => settle(() => reject(error));
      const onExit = (code: number): void =>
        settle(() => reject(new Error(`A thread that generates scenes ended with code ${code}.`)));
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage(chunk);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Makes the records of jobs, one job after the other. Close it when done. */
export class Generator {
  readonly #numThreads: number;
  readonly #pool: SceneThread[] = [];

  /** @param threads at most this many; null: one per core */
  constructor(threads: number | null) {
    this.#numThreads = threads ?? availableParallelism();
  }

  /** Records 0 to `count - 1` of a job, in order. */
  async *records(job: Job): AsyncGenerator<Uint8Array, void, undefined> {
    const numChunks = Math.ceil(job.count / CHUNK);
    const numThreads = Math.min(this.#numThreads, numChunks);
    if (numThreads === 1) {
      // another thread would only take time to start
      for (let index = 0; index < job.count; index++) {
        yield makeRecord(job, index);
        await nextTurn(); // signals and progress bars get theirs
      }
      return;
    }
    while (this.#pool.length < numThreads) this.#pool.push(new SceneThread());
    const waiting: Promise<Uint8Array[]>[] = [];
    for (let handed = 0, taken = 0; taken < numChunks; taken++) {
      for (; handed < numChunks && handed < taken + AHEAD * numThreads; handed++) {
        const chunk = { job, first: handed * CHUNK, end: Math.min(job.count, (handed + 1) * CHUNK) };
        const records = this.#pool[handed % numThreads]!.run(chunk);
        records.catch(() => undefined); // it is thrown where the chunk's turn comes
        waiting.push(records);
      }
      yield* await waiting.shift()!;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#pool.splice(0).map((thread) => thread.close()));
  }
}
