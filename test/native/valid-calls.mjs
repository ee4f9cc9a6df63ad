/** A right call of each function of the addon, of random sizes: arguments as the table of kernels has them. */
import { readKernels } from '../../src/engine/native/build-kernels.mjs';

const { choices, kernels } = readKernels();
export const KERNEL_NAMES = Object.keys(kernels);

const zeros = (length) => new Float32Array(length);
const ints = (...values) => Int32Array.from(values);

/** Sizes around those of vectors, tiles and pieces, zero now and then. */
const size = ({ below }) => (below(12) === 0 ? 0 : below(4) === 0 ? 1 + below(70) : 1 + below(20));
/** Rows enough for several pieces, now and then; of one number, of a row of `width`. */
const numbers = (t) => (t.below(20) === 0 ? 40000 : size(t));
const rows = (t) => (t.below(40) === 0 ? 150 + t.below(400) : size(t));

/** A plan over up to three axes: contiguous, the axes of `a` swapped for a copy. */
function plan(t) {
  const long = t.below(20) === 0;
  const dims = long ? [1 + t.below(3), 1 + t.below(3), 1 + t.below(9000)] : [size(t), size(t), 1 + t.below(30)];
  const to = [dims[1] * dims[2], dims[2], 1];
  return { dims, to, length: dims[0] * dims[1] * dims[2] };
}

/** Sizes that are not as any other. */
const SIZES = {
  batch: (t) => 1 + t.below(3),
  heads: (t) => 1 + t.below(4),
  classes: (t) => 1 + size(t),
  maxIterations: (t) => t.below(5),
};
/** Integers that have to be of some values: what the C++ checks ask for. */
const INTEGERS = {
  targets: (t, { classes }) => t.below(classes),
};

/** From the table alone. */
function tableCall(name, t) {
  const sizes = {};
  const elements = (shape) =>
    shape
      .split(/[,*]/)
      .map((factor) => factor.trim())
      .reduce((product, factor) => product * (sizes[factor] ?? Number(factor)), 1);
  const number = (size, otherwise) => (sizes[size] = (SIZES[size] ?? otherwise)(t));
  const maybe = (array) => (t.below(3) === 0 ? null : array);
  const make = {
    size: (size_) => number(size_, size),
    whole: (size_) => number(size_, size),
    rows: (size_) => number(size_, kernels[name].args.every(([, , shape]) => !shape?.includes(',')) ? numbers : rows),
    number: () => t.pick([1, 0.3, 1e-5, -2]),
    flag: () => t.below(2) === 0,
    choice: (_, of) => t.below(choices[of].length),
    in: (_, shape) => t.floats(elements(shape)),
    inOrNull: (_, shape) => maybe(t.floats(elements(shape))),
    addedOrNull: (_, shape) => maybe(t.floats(elements(shape))),
    ints: (of, shape) =>
      Int32Array.from({ length: elements(shape) }, () => (INTEGERS[of] ? INTEGERS[of](t, sizes) : t.below(2))),
    out: (_, shape) => zeros(elements(shape)),
    outOrNull: (_, shape) => maybe(zeros(elements(shape))),
  };
  return kernels[name].args.map(([kind, argument, rest]) => make[kind](argument, rest));
}

/** Those whose shapes the table does not say, long axes, and what is no kernel. */
const OTHERS = {
  init: (t) => [1 + t.below(4), t.pick(t.sets)],
  memory: (t) => [t.below(5000)],
  instructionSets: () => [],
  binary(t) {
    const { dims, to, length } = plan(t);
    const strides = () => (t.below(2) === 0 ? to : [0, 0, t.below(2)]);
    const operands = [t.floats(length), t.floats(length), zeros(length)];
    return [t.below(choices.Binary.length), ints(...dims, ...strides(), ...strides()), ...operands];
  },
  copy(t) {
    const { dims, to, length } = plan(t);
    const swapped = [dims[2], dims[2] * dims[0], 1];
    const transposed = [dims[1], 1, dims[0] * dims[1]];
    const strides = t.pick([to, swapped, transposed]);
    const [from, at] = [t.below(4), t.below(4)];
    return [from, at, ints(...dims, ...strides, ...to), t.floats(length + from), zeros(length + at)];
  },
  reduce(t) {
    const [outer, n, inner] = [size(t), t.below(30) === 0 ? 40000 : size(t), size(t)];
    const few = n > 100 ? 1 : outer;
    const one = n > 100 ? 1 + t.below(3) : inner;
    const op = t.below(choices.Reduce.length);
    return [op, few, n, one, t.pick([1, 0.5]), t.floats(few * n * one), zeros(few * one)];
  },
  matmul(t) {
    const batch = t.pick([1, 1, 2, 17]);
    const [m, n] = [size(t), size(t)];
    const k = t.below(50) === 0 ? 2100 : size(t);
    const offsets = Int32Array.from({ length: 2 * batch }, (_, i) => (i >> 1) * (i % 2 === 0 ? m * k : k * n));
    const flags = [t.below(2) === 0, t.below(2) === 0];
    return [batch, m, n, k, ...flags, offsets, t.floats(batch * m * k), t.floats(batch * k * n), zeros(batch * m * n)];
  },
};

/** @param t tools: `below(n)`, `pick(list)`, `floats(length)`; for `init` `sets`, the instruction sets */
export function validCall(name, t) {
  if (OTHERS[name]) return OTHERS[name](t);
  if (!kernels[name]) throw new Error(`valid-calls.mjs has no call of ${name}.`);
  return tableCall(name, t);
}
