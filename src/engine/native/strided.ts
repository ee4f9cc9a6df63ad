/** Plans of the ops that walk over arrays by strides: axes, strides of the first array, strides of the second. */

/** Of a contiguous array, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let size = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = size;
    size *= shape[axis]!;
  }
  return strides;
}

/** Of a contiguous array of `shape` that is broadcast to `to`: 0 where it repeats. */
export function broadcastStrides(shape: readonly number[], to: readonly number[]): number[] {
  const own = stridesOf(shape);
  const missing = to.length - shape.length;
  return to.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : own[axis - missing]!));
}

/** With as few axes as there can be: those of size 1 are dropped, those that lie in one another joined. */
export function planOf(dims: readonly number[], a: readonly number[], b: readonly number[]): Int32Array {
  const axes: { size: number; a: number; b: number }[] = []; // innermost first
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const size = dims[axis]!;
    if (size === 1) continue;
    const inner = axes[axes.length - 1];
    if (inner && a[axis] === inner.a * inner.size && b[axis] === inner.b * inner.size) inner.size *= size;
    else axes.push({ size, a: a[axis]!, b: b[axis]! });
  }
  if (axes.length === 0) axes.push({ size: 1, a: 1, b: 1 });
  axes.reverse();
  return Int32Array.from([...axes.map((x) => x.size), ...axes.map((x) => x.a), ...axes.map((x) => x.b)]);
}

/** Remembers what is worked out from shapes: a training step asks for the same few hundred again and again. */
export class PlanCache<T> {
  readonly #plans = new Map<string, T>();

  get(key: string, make: () => T): T {
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      if (this.#plans.size >= 4096) this.#plans.clear();
      this.#plans.set(key, (plan = make()));
    }
    return plan;
  }
}
