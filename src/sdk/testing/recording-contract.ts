/** What holds for every component of a model: its forward pass can be recorded and run elsewhere (`osc export --format onnx`). */
import * as tf from '@tensorflow/tfjs-core';
import type { Mode } from '../module';
import { assert } from './assert';
import type { Runner } from './runner';
import { outputsOf, withSubject, type TensorContract } from './tensor-contract';

const PLAIN: Mode = { training: false, step: 0, attention: true };
const RECORDING: Mode = { ...PLAIN, recording: true };
/** Of the largest value: loops that were unrolled may round otherwise. */
const TOLERANCE = 1e-4;

/** Counts how often `body` reads values of tensors; what kernels read among themselves does not count. */
function readsDuring(body: () => void): number {
  const engine: Partial<Pick<ReturnType<typeof tf.engine>, 'read' | 'readSync'>> = tf.engine();
  let reads = 0;
  for (const name of ['read', 'readSync'] as const) {
    const original = engine[name]!.bind(engine) as (dataId: object) => never;
    engine[name] = (dataId: object) => {
      reads++;
      return original(dataId);
    };
  }
  try {
    body();
  } finally {
    // the methods of the class again
    delete engine.read;
    delete engine.readSync;
  }
  return reads;
}

export function testRecording(contract: TensorContract, { it }: Runner): void {
  it('can be recorded: with mode.recording it reads no tensor, and gives the same', async () => {
    withSubject(contract, 1, (subject) => {
      const plain = outputsOf(subject, PLAIN);
      let recorded: Record<string, tf.Tensor> = {};
      const reads = readsDuring(() => (recorded = outputsOf(subject, RECORDING)));
      assert(
        reads === 0,
        `With mode.recording it reads values of tensors (dataSync(), arraySync(), data(), …) ${reads} times. The pass is ` +
          'recorded to be run on other images (osc export --format onnx), so what it computes may not depend on values: ' +
          'let a loop run to its last iteration and keep what is done with tf.where, choose with tf.where instead of if.',
      );
      for (const [name, output] of Object.entries(plain)) {
        const away = tf.tidy(() => tf.max(tf.abs(tf.sub(output, recorded[name]!))).dataSync()[0]!);
        const largest = tf.tidy(() => tf.max(tf.abs(output)).dataSync()[0]!);
        assert(
          away <= TOLERANCE * Math.max(1, largest),
          `${name} differs by ${away} with mode.recording: the exported model would compute something else.`,
        );
      }
      tf.dispose([plain, recorded] as never);
    });
  });
}
