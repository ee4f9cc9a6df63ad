/** A thread that generates chunks of scenes. */
import type { MessagePort } from 'node:worker_threads';
import { isReportedError } from 'osc-trainer/sdk';
import { makeRecord, type Answer, type Chunk } from './generate';

/** Answers each chunk with its records. An error that is a bug ends the thread. */
export function run(_data: unknown, port: MessagePort): void {
  port.on('message', (chunk: Chunk) => {
    const answer = answerOf(chunk);
    // handed over, not copied
    port.postMessage(answer, 'records' in answer ? answer.records.map(({ buffer }) => buffer) : []);
  });
}

function answerOf({ job, first, end }: Chunk): Answer {
  try {
    const records: Uint8Array<ArrayBuffer>[] = [];
    // a copy each, since a buffer that is part of Node's pool cannot be handed over
    for (let index = first; index < end; index++) records.push(new Uint8Array(makeRecord(job, index)));
    return { records };
  } catch (error) {
    if (!isReportedError(error)) throw error;
    const { what, why, hints } = error;
    return { failure: { what, why, hints } };
  }
}
