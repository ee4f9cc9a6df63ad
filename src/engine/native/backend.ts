/**
 * A tfjs backend whose tensors are ordinary typed arrays in memory that C++ kernels work on without copying. It extends the
 * `cpu` backend: every kernel of that one is there (kernels/registration.ts), the hot ones are replaced.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { Heap, viewOf, type Block } from './heap';
import { CHOICES } from './kernel-table';
import {
  parametersOf,
  type Argument,
  type ChoiceName,
  type KernelArguments,
  type KernelFunction,
  type KernelName,
  type Library,
  type Parameter,
} from './library';

/** What the backend knows of the data of a tensor, or of several that share it. */
interface Stored {
  values: tf.backend_util.BackendValues;
  readonly dtype: tf.DataType;
  refCount: number;
  readonly complexTensorInfos?: { readonly real: tf.TensorInfo; readonly imag: tf.TensorInfo };
  /** Where `values` lie if they are ours: then nobody else may keep them. */
  block?: Block;
}

const choices: Readonly<Record<ChoiceName, readonly unknown[]>> = CHOICES;

export class EngineBackend extends MathBackendCPU {
  readonly kernels: Readonly<Record<KernelName, KernelFunction>>;
  readonly heap: Heap;
  readonly #readsAnyArray: boolean;

  constructor(library: Library, cap: number) {
    super();
    this.kernels = library.kernels;
    this.heap = new Heap(library, cap);
    this.#readsAnyArray = library.readsAnyArray;
  }

  /** Runs a C++ kernel. @throws TypeError where an argument is wrong */
  run<K extends KernelName>(kernel: K, args: KernelArguments<K>): void {
    const byName: Readonly<Record<string, unknown>> = args;
    this.runWith(kernel, ({ name }) => byName[name]);
  }

  /** The same, of any kernel. @param valueOf what each argument is */
  runWith(kernel: KernelName, valueOf: (parameter: Parameter) => unknown): void {
    const args: Argument[] = [];
    for (const parameter of parametersOf(kernel)) args.push(this.#argument(parameter, valueOf(parameter)));
    this.kernels[kernel](...args);
  }

  #argument({ kind, isArray, choice }: Parameter, value: unknown): Argument {
    if (choice) return choices[choice].indexOf(value);
    if (!isArray || value === null || value === undefined || value instanceof Int32Array) return value as Argument;
    return kind === 'ints' ? this.integers(value as tf.TensorInfo) : this.floats(value as tf.TensorInfo);
  }

  /** A float32 tensor whose values are to be written. */
  output(shape: readonly number[]): tf.TensorInfo {
    const length = sizeOf(shape);
    const block = this.heap.allocate(length);
    const dataId = {};
    this.#set(dataId, { values: viewOf(block, length), dtype: 'float32', refCount: 1, block });
    return { dataId, shape: shape as number[], dtype: 'float32' };
  }

  /** The values of a float32 tensor, where kernels can read and write them. */
  floats({ dataId }: tf.TensorInfo): Float32Array {
    const stored = this.#get(dataId);
    let { values } = stored;
    // the cpu kernel of Cast leaves bytes and integers behind a float32 dtype
    if (!(values instanceof Float32Array)) stored.values = values = Float32Array.from(values as ArrayLike<number>);
    if (this.#readsAnyArray || stored.block) return values;
    stored.block = this.heap.allocate(values.length);
    const view = viewOf(stored.block, values.length);
    view.set(values);
    stored.values = view;
    return view;
  }

  /** The values of an int32 or bool tensor as an Int32Array. */
  integers({ dataId }: tf.TensorInfo): Int32Array {
    const { values } = this.#get(dataId);
    return values instanceof Int32Array ? values : Int32Array.from(values as ArrayLike<number>);
  }

  /** Another tensor on the same data. */
  share({ dataId, dtype }: tf.TensorInfo, shape: number[]): tf.TensorInfo {
    this.incRef(dataId);
    return { dataId, shape, dtype };
  }

  /** Takes values out of our memory: a kernel of the `cpu` backend may keep or hand on what it reads. */
  evict({ dataId }: tf.TensorInfo): void {
    const stored = this.#get(dataId);
    if (!stored.block) return;
    stored.values = (stored.values as Float32Array).slice();
    this.heap.release(stored.block);
    stored.block = undefined;
  }

  override write(values: tf.backend_util.BackendValues, _shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    this.#set(dataId, { values, dtype, refCount: 1 });
    return dataId;
  }

  /** A copy, where the memory is ours. */
  override readSync(dataId: object): tf.backend_util.BackendValues {
    const stored = this.#get(dataId);
    return stored.block ? (stored.values as Float32Array).slice() : super.readSync(dataId);
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const stored = this.#get(dataId);
    if (stored.complexTensorInfos || stored.dtype === 'complex64') return super.disposeData(dataId, force);
    stored.refCount--;
    if (!force && stored.refCount > 0) return false;
    if (stored.block) this.heap.release(stored.block);
    this.data.delete(dataId);
    return true;
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: false, reasons: [] };
  }

  #get(dataId: object): Stored {
    return this.data.get(dataId) as Stored;
  }

  #set(dataId: object, stored: Stored): void {
    this.data.set(dataId, stored as never);
  }
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const side of shape) size *= side;
  return size;
}
