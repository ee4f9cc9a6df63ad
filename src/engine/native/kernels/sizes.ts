/**
 * Sizes of a kernel, worked out of the shapes of its tensors, which are held against those of the table on the way. C++
 * checks lengths: a matrix that lies the other way round would pass there.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../backend';
import { parametersOf, type Dimension, type KernelName, type Parameter } from '../library';

const inWords = (axes: readonly (number | string)[]): string => `[${axes.join(', ')}]`;

export class Sizes {
  readonly #kernel: KernelName;
  readonly #values = new Map<string, number>();
  /** The size that stands for several axes, and these, once they are known. */
  readonly #rows: string | undefined;
  #leading: readonly number[] | undefined;

  /** @param given those that do not follow from shapes */
  constructor(kernel: KernelName, given: Readonly<Record<string, unknown>>) {
    this.#kernel = kernel;
    for (const { kind, name } of parametersOf(kernel)) {
      if (kind === 'rows') this.#rows = name;
      if (kind === 'whole') this.#values.set(name, given[name] as number);
    }
  }

  /** By name: arguments of the call. */
  get values(): Record<string, number> {
    return Object.fromEntries(this.#values);
  }

  /** @throws TypeError that names the kernel and both shapes, or the type */
  fit({ kind, name, shape }: Parameter, x: tf.TensorInfo): void {
    const dtype = kind === 'ints' ? 'int32' : 'float32';
    if (x.dtype !== dtype) {
      throw new TypeError(`${this.#kernel}: ${name} must be ${dtype}, not ${x.dtype} ${inWords(x.shape)}.`);
    }
    const hasRows = this.#beginsWithRows(shape);
    const axes = hasRows ? shape.slice(1) : shape;
    const rest = x.shape.length - axes.length;
    const fits =
      rest >= 0 &&
      (hasRows ? this.#takeRows(x.shape.slice(0, rest)) : rest === 0) &&
      axes.every((dimension, i) => this.#take(dimension, x.shape[rest + i]));
    if (!fits) throw this.#misfit(name, shape, x);
  }

  /** Of a result. @throws Error where the table has a size in it that no input has */
  shape({ name, shape }: Parameter): number[] {
    const hasRows = this.#beginsWithRows(shape);
    const sides = (hasRows ? shape.slice(1) : shape).map((dimension) => {
      const { known, open } = this.#product(dimension);
      if (open.length > 0)
        throw new Error(`${this.#kernel}: the size ${open.join(', ')} of ${name} follows from no input.`);
      return known;
    });
    return hasRows ? [...(this.#leading ?? []), ...sides] : sides;
  }

  #beginsWithRows([first]: readonly Dimension[]): boolean {
    return this.#rows !== undefined && first?.sizes.length === 1 && first.sizes[0] === this.#rows;
  }

  /** Whether these are the axes that stand for rows elsewhere. */
  #takeRows(leading: readonly number[]): boolean {
    if (!this.#leading) {
      this.#leading = leading;
      if (this.#rows !== undefined) this.#values.set(this.#rows, sizeOf(leading));
    }
    return this.#leading.length === leading.length && this.#leading.every((side, axis) => side === leading[axis]);
  }

  /** Of the sizes that are known, and the others. */
  #product({ factor, sizes }: Dimension): { known: number; open: string[] } {
    const open: string[] = [];
    let known = factor;
    for (const size of sizes) {
      const value = this.#values.get(size);
      if (value === undefined) open.push(size);
      else known *= value;
    }
    return { known, open };
  }

  /** Whether the side is that product; a size that is not known yet becomes what fits. */
  #take(dimension: Dimension, side: number | undefined): boolean {
    const { known, open } = this.#product(dimension);
    const [size, ...others] = open;
    if (size === undefined) return side === known;
    const value = Number(side) / known;
    if (others.length > 0 || !Number.isInteger(value)) return false;
    this.#values.set(size, value);
    return true;
  }

  #misfit(name: string, shape: readonly Dimension[], x: tf.TensorInfo): TypeError {
    const wanted = shape.flatMap((dimension, i): readonly (number | string)[] => {
      if (i === 0 && this.#beginsWithRows(shape)) return this.#leading ?? ['...'];
      const { known, open } = this.#product(dimension);
      return [open.length === 0 ? known : [...(known === 1 ? [] : [known]), ...open].join(' * ')];
    });
    return new TypeError(`${this.#kernel}: ${name} must have shape ${inWords(wanted)}, not ${inWords(x.shape)}.`);
  }
}
