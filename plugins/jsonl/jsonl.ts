import { closeSync, createReadStream, existsSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { component, inject, OPTIONS, UsageError, z } from 'osc-trainer/sdk';
import type { MetricPoint, RunInfo, Tracker } from 'osc-trainer/sdk';
import { writeFileAtomically } from 'osc-trainer/sdk/data';

const schema = z.strictObject({
  file: z
    .string()
    .regex(
      /^(?!train\.log\.)[^/\\]+\.jsonl$/,
      'should be the name of a file that ends in .jsonl, without a folder; not train.log.jsonl',
    )
    .default('metrics.jsonl')
    .describe('name of the file in the run directory'),
});

type Options = z.infer<typeof schema>;

/** Characters that are written at once. */
const PIECE = 2 ** 20;

/**
 * The lines of an earlier process that this one will not write again; the last one may be cut off by a kill. Line by line: after
 * a week of training the file may be larger than a text can be.
 */
async function* keptLines(path: string, run: RunInfo): AsyncGenerator<string> {
  let piece = '';
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (!isKept(line, run)) continue;
    piece += `${line}\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function isKept(line: string, run: RunInfo): boolean {
  let point: Partial<MetricPoint> | null;
  try {
    point = JSON.parse(line) as Partial<MetricPoint> | null;
  } catch {
    return false;
  }
  if (typeof point !== 'object' || point === null) return false; // somebody else's line
  return (point.step ?? 0) < run.firstStep || (point.epoch ?? 0) < run.firstEpoch;
}

@component({
  kind: 'tracker',
  name: 'jsonl',
  summary: 'Appends one JSON line a step to metrics.jsonl in the run directory',
  options: schema,
})
export class JsonlTracker implements Tracker {
  #file: number | undefined;

  constructor(@inject(OPTIONS) private readonly options: Options) {}

  async start(run: RunInfo): Promise<void> {
    const path = join(run.dir, this.options.file);
    if (existsSync(path)) {
      // to open a pipe would wait for somebody at its other end
      if (!statSync(path).isFile()) throw new UsageError(`${path} is no file: metrics cannot be written to it.`);
      await writeFileAtomically(path, keptLines(path, run));
    }
    this.#file = openSync(path, 'a');
  }

  log(metrics: Readonly<Record<string, number>>, point: MetricPoint): Promise<void> {
    if (this.#file === undefined) throw new Error('log() before start().');
    writeSync(this.#file, `${JSON.stringify({ ...point, ...metrics })}\n`);
    return Promise.resolve();
  }

  finish(): Promise<void> {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    return Promise.resolve();
  }
}
