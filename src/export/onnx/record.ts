/** Runs a forward pass on the tracing backend and keeps what it computed. */
import * as tf from '@tensorflow/tfjs-core';
import { UsageError, type NamedParameters } from '../../sdk';
import type { Tape, TapeCall, TapeValue, ValueId } from './tape';
import { listening, readUnheard, type KernelListener } from './tracing-backend';

class Recorder implements KernelListener {
  readonly values: TapeValue[] = [];
  readonly calls: TapeCall[] = [];
  /**
   * Values by tensor. Reshaped and cloned tensors share their data, and data never changes: data, shape and type tell which
   * tensor it is. Keeping the ids keeps them from being used again.
   */
  readonly #known = new Map<object, Map<string, ValueId>>();
  readonly #parameters: ReadonlyMap<object, string>;

  constructor(input: tf.TensorInfo, parameters: NamedParameters) {
    this.#parameters = new Map(Array.from(parameters, ([name, { dataId }]) => [dataId, name]));
    this.#add(input, null, null);
  }

  ran(kernel: string, inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap, outputs: readonly tf.TensorInfo[]): void {
    // an optional input that is not given is there as undefined or null
    const given = Object.entries(inputs).flatMap(([name, input]) => (input == null ? [] : [[name, input] as const]));
    if (given.length === 0) return; // a constant, like one that no kernel made
    if (outputs.every((output) => this.#find(output) !== undefined)) return; // a clone
    const dependsOnInput = given.some(([, input]) => this.values[this.valueOf(input)]!.constant === null);
    const call = this.calls.length;
    this.calls.push({
      kernel,
      inputs: given.map(([name, input]) => [name, this.valueOf(input)]),
      attrs: { ...attrs },
      outputs: outputs.map((output) => {
        const constant = dependsOnInput ? null : (readUnheard(output.dataId) as Float32Array);
        return this.#find(output) ?? this.#add(output, constant, call);
      }),
    });
  }

  read(dataId: object): void {
    const shapes = this.#known.get(dataId);
    if (shapes === undefined || ![...shapes.values()].some((id) => this.values[id]!.constant === null)) return;
    throw new UsageError(
      'The model cannot be exported to ONNX: in its forward pass it reads values of a tensor that depends on the images.',
      'Only tensor ops can be recorded. A component that stops or branches on values must do without under mode.recording.',
      ['--format safetensors'],
    );
  }

  /** A tensor that was not seen before is a constant. */
  valueOf(tensor: tf.TensorInfo): ValueId {
    return this.#find(tensor) ?? this.#add(tensor, readUnheard(tensor.dataId) as Float32Array, null);
  }

  #find({ dataId, shape, dtype }: tf.TensorInfo): ValueId | undefined {
    return this.#known.get(dataId)?.get(`${dtype}[${shape.join()}]`);
  }

  #add(
    { dataId, shape, dtype }: tf.TensorInfo,
    constant: Float32Array | Int32Array | Uint8Array | null,
    call: number | null,
  ): ValueId {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new UsageError(`The model cannot be exported to ONNX: in its forward pass is a tensor of ${dtype}.`);
    }
    const id = this.values.length;
    const parameter = constant === null ? null : (this.#parameters.get(dataId) ?? null);
    this.values.push({ shape: [...shape], dtype, constant: constant?.slice() ?? null, parameter, call });
    const ofData = this.#known.get(dataId) ?? new Map<string, ValueId>();
    this.#known.set(dataId, ofData.set(`${dtype}[${shape.join()}]`, id));
    return id;
  }
}

/**
 * Records `forward` on an input of this shape; to be called on the tracing backend.
 *
 * @param parameters names for constants that are parameters
 * @throws UsageError where the pass reads values that depend on the input
 */
export function record(
  inputShape: readonly number[],
  parameters: NamedParameters,
  forward: (input: tf.Tensor) => Readonly<Record<string, tf.Tensor>>,
): Tape {
  let tape: Tape | undefined;
  // not the result of tidy, which would look for tensors in every array
  tf.tidy(() => {
    const input = tf.randomUniform([...inputShape], -1, 1, 'float32', 1);
    const recorder = new Recorder(input, parameters);
    const outputs = listening(recorder, () => forward(input));
    tape = {
      outputs: Object.entries(outputs).map(([name, tensor]) => [name, recorder.valueOf(tensor)]),
      values: recorder.values,
      calls: recorder.calls,
    };
  });
  return tape!;
}
