/** ONNX Runtime for tests. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Job {
  /** A `.onnx` file. */
  readonly file: string;
  /** Images of each call. */
  readonly inputs: readonly PlainTensor[];
}

/** Outputs of each call, or what the runtime says of the file. */
export type JobResult = { readonly outputs: Record<string, PlainTensor>[] } | { readonly error: string };

export function runOnnx(jobs: readonly Job[]): JobResult[] {
  const output = execFileSync(process.execPath, [join(__dirname, 'run-onnx.mjs')], {
    input: JSON.stringify(jobs),
    maxBuffer: 2 ** 30,
  });
  return JSON.parse(output.toString()) as JobResult[];
}
