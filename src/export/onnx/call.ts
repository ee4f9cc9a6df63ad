/** A recorded kernel call as its translation sees it. */
import { UsageError } from '../../sdk';
import { fixed, type Size, type TapesByBatch } from './batch';
import type { Attributes, Graph, Name } from './graph';
import type { TapeCall, TapeValue } from './tape';

export class Call {
  constructor(
    private readonly tapes: TapesByBatch,
    private readonly index: number,
    readonly graph: Graph,
    private readonly nameOf: (value: number) => Name,
  ) {}

  get #first(): TapeCall {
    return this.tapes.calls(this.index)[0]!;
  }

  get kernel(): string {
    return this.#first.kernel;
  }

  /** Names of the inputs that there are, in the kernel's order. */
  get inputs(): Name[] {
    return this.#first.inputs.map(([, value]) => this.nameOf(value));
  }

  /** @throws UsageError for an input that the call does not have */
  input(name: string): Name {
    return this.nameOf(this.#value(name));
  }

  #value(name: string): number {
    const found = this.#first.inputs.find(([other]) => other === name);
    if (found === undefined) throw this.cannot(`without its input ${name}`);
    return found[1];
  }

  /** Sizes of an input; how many there are is its rank. */
  shape(input: string): Size[] {
    return this.tapes.shape(this.#value(input));
  }

  outputShape(output = 0): Size[] {
    return this.tapes.shape(this.#first.outputs[output]!);
  }

  get numOutputs(): number {
    return this.#first.outputs.length;
  }

  output(index = 0): TapeValue {
    return this.tapes.tapes[0]!.values[this.#first.outputs[index]!]!;
  }

  /** An attribute that does not depend on the batch. @throws UsageError for one that does */
  attr<T>(name: string): T {
    const values = this.tapes.calls(this.index).map(({ attrs }) => attrs[name]);
    if (new Set(values.map((value) => JSON.stringify(value))).size > 1) {
      throw this.cannot(`with an attribute ${name} that depends on the number of images`);
    }
    return values[0] as T;
  }

  /** An attribute that is a list of sizes, or one size for a list of one. */
  sizes(name: string): Size[] {
    return this.tapes.sizes(
      this.tapes.calls(this.index).map(({ attrs }) => {
        const value = attrs[name] as number | number[];
        return typeof value === 'number' ? [value] : value;
      }),
    );
  }

  /** Axes of a reduction: none given are all. */
  axes(name: string, input = 'x'): number[] {
    const rank = this.shape(input).length;
    const given = this.attr<number | number[] | null | undefined>(name);
    const axes = given === null || given === undefined ? [...Array(rank).keys()] : [given].flat();
    return axes.map((axis) => (axis < 0 ? axis + rank : axis));
  }

  axis(name: string, input = 'x'): number {
    return this.axes(name, input)[0]!;
  }

  add(op: string, inputs: readonly Name[], attributes: Attributes = {}): Name {
    return this.graph.add(op, inputs, attributes);
  }

  /** @param how a phrase after "the kernel X" */
  cannot(how?: string): UsageError {
    const shapes = this.#first.inputs.map(([name, value]) => {
      const { shape, dtype } = this.tapes.tapes[0]!.values[value]!;
      return `${name} ${dtype} [${shape.join(', ')}]`;
    });
    return new UsageError(
      `The model cannot be exported to ONNX: the TensorFlow.js kernel ${this.kernel} has no translation${how === undefined ? '' : ` ${how}`}.`,
      `It was called with ${shapes.join(', ')}.`,
      ['--format safetensors'],
    );
  }
}

/** Where only one size depends on the batch, ONNX can work it out: -1. */
export function withUnknown(sizes: readonly Size[]): Size[] | null {
  const unknown = sizes.filter(({ perBatch }) => perBatch !== 0);
  if (unknown.length !== 1 || sizes.some(({ perBatch, constant }) => perBatch === 0 && constant === 0)) return null;
  return sizes.map((size) => (size.perBatch === 0 ? size : fixed(-1)));
}
