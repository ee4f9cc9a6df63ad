/** An ONNX graph that grows node by node. */
import type { Size } from './batch';
import type { OnnxAttribute, OnnxNode, OnnxTensor, OnnxType } from './proto';

/** Name of a tensor of the graph. */
export type Name = string;

export type Attributes = Readonly<Record<string, OnnxAttribute>>;

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export class Graph {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  /** Small constants by their contents, which are there once. */
  readonly #constants = new Map<string, Name>();
  readonly #names = new Set<Name>();
  #batch: Name | undefined;

  /** @param input name of the input, whose first axis is the batch */
  constructor(readonly input: Name) {
    this.#names.add(input);
  }

  /** Adds a node of one output. @param name how the output is called, if that is free */
  add(op: string, inputs: readonly Name[], attributes: Attributes = {}, name = op): Name {
    return this.addMany(op, inputs, 1, attributes, name)[0]!;
  }

  addMany(op: string, inputs: readonly Name[], outputs: number, attributes: Attributes = {}, name = op): Name[] {
    const names = Array.from({ length: outputs }, () => this.#free(name));
    this.nodes.push({ op, inputs, outputs: names, attributes });
    return names;
  }

  /** Adds a node whose output is an output of the graph. */
  addOutput(name: Name, value: Name): void {
    this.nodes.push({ op: 'Identity', inputs: [value], outputs: [name], attributes: {} });
  }

  constant(type: OnnxType, shape: readonly number[], data: ArrayBufferView, name = 'constant'): Name {
    const bytes = bytesOf(data);
    const isSmall = bytes.length <= 64;
    const key = `${type}[${shape.join()}]${isSmall ? Buffer.from(bytes).toString('hex') : ''}`;
    const known = isSmall && name === 'constant' ? this.#constants.get(key) : undefined;
    if (known !== undefined) return known;
    const free = this.#free(name);
    this.initializers.push({ name: free, type, shape, bytes });
    if (isSmall && name === 'constant') this.#constants.set(key, free);
    return free;
  }

  scalar(type: 'float32' | 'int32' | 'bool', value: number): Name {
    const array = type === 'float32' ? Float32Array : type === 'int32' ? Int32Array : Uint8Array;
    return this.constant(type, [], array.of(value));
  }

  /** A list of int64, as shapes and axes are. */
  integers(values: readonly number[]): Name {
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A list of int64, some of which may depend on the batch: `perBatch * B + constant`, element by element. */
  sizes(sizes: readonly Size[]): Name {
    const constants = this.integers(sizes.map(({ constant }) => constant));
    if (sizes.every(({ perBatch }) => perBatch === 0)) return constants;
    const factors = this.integers(sizes.map(({ perBatch }) => perBatch));
    const product = this.add('Mul', [this.#batchSize(), factors]);
    return sizes.every(({ constant }) => constant === 0) ? product : this.add('Add', [product, constants]);
  }

  /** int64 `[1]` */
  #batchSize(): Name {
    this.#batch ??= this.add('Shape', [this.input], { start: 0, end: 1 }, 'batch_size');
    return this.#batch;
  }

  #free(wanted: Name): Name {
    let name = wanted;
    for (let number = 1; this.#names.has(name); number++) name = `${wanted}_${number}`;
    this.#names.add(name);
    return name;
  }

  /** Takes a name, so that no other tensor gets it. */
  reserve(name: Name): void {
    this.#names.add(name);
  }
}
