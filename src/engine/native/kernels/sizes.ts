/**
 * Sizes of a kernel, worked out of the shapes of its tensors, which are held against those of the table on the way. C++
 * checks lengths: a matrix that lies the other way round would pass there.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../backend';
import type { Dimension, KernelName, Parameter } from '../library';

const inWords = (axes: readonly (number | string)[]): string => `[${axes.join(', ')}]`;

export class Sizes {
  readonly #values = new Map<string, number>();
  /** The axes that the size of kind `rows` stands for, once they are known. */
  #leading: readonly number[] | undefined;

  /** @param given sizes that do not follow from shapes, by name */
  constructor(
    private readonly kernel: KernelName,
    parameters: readonly Parameter[],
    given: Readonly<Record<string, unknown>>,
  ) {
    for (const { kind, name } of parameters) if (kind === 'whole') this.#values.set(name, Number(given[name]));
  }

  get(name: string): number | undefined {
    return this.#values.get(name);
  }

  /** @throws TypeError that names the kernel and both shapes, or the type */
  fit(parameter: Parameter, x: tf.TensorInfo): void {
    const { kind, name, rows, axes } = parameter;
    const dtype = kind === 'ints' ? 'int32' : 'float32';
    if (x.dtype !== dtype) {
      throw new TypeError(`${this.kernel}: ${name} must be ${dtype}, not ${x.dtype} ${inWords(x.shape)}.`);
    }
    const front = x.shape.length - axes.length;
    let fits = front >= 0 && (rows === undefined ? front === 0 : this.#takeRows(rows, x.shape, front));
    for (let i = 0; fits && i < axes.length; i++) fits = this.#take(axes[i]!, x.shape[front + i]!);
    if (!fits) throw this.#misfit(parameter, x);
  }

  /** Of a result. @throws Error where the table has a size in it that no input has */
  shape({ name, rows, axes }: Parameter): number[] {
    const shape = rows === undefined ? [] : [...(this.#leading ?? [])];
    for (const dimension of axes) {
      const { known, open } = this.#product(dimension);
      if (open !== null) throw new Error(`${this.kernel}: the size ${open} of ${name} follows from no input.`);
      shape.push(known);
    }
    return shape;
  }

  /** Whether the axes in front are those that stand for `rows` elsewhere. */
  #takeRows(rows: string, shape: readonly number[], front: number): boolean {
    if (!this.#leading) {
      this.#leading = shape.slice(0, front);
      this.#values.set(rows, sizeOf(this.#leading));
    }
    return this.#leading.length === front && this.#leading.every((side, axis) => side === shape[axis]);
  }

  /** Of the sizes that are known; the first of the others. */
  #product({ factor, sizes }: Dimension): { known: number; open: string | null } {
    let known = factor;
    let open: string | null = null;
    for (const size of sizes) {
      const value = this.#values.get(size);
      if (value === undefined) open ??= size;
      else known *= value;
    }
    return { known, open };
  }

  /** Whether the side is that product; a size that is not known yet becomes what fits. */
  #take(dimension: Dimension, side: number): boolean {
    const { known, open } = this.#product(dimension);
    if (open === null) return side === known;
    const value = side / known;
    if (!Number.isInteger(value)) return false;
    this.#values.set(open, value);
    return this.#product(dimension).known === side;
  }

  #misfit({ name, rows, axes }: Parameter, x: tf.TensorInfo): TypeError {
    const wanted: (number | string)[] = rows === undefined ? [] : [...(this.#leading ?? ['...'])];
    for (const dimension of axes) {
      const { known, open } = this.#product(dimension);
      wanted.push(open === null ? known : known === 1 ? open : `${known} * ${open}`);
    }
    return new TypeError(`${this.kernel}: ${name} must have shape ${inWords(wanted)}, not ${inWords(x.shape)}.`);
  }
}
