/** A right call of each function of the addon, of random sizes: its arguments, in the order of cpp/ops.cc. */

const zeros = (length) => new Float32Array(length);
const ints = (...values) => Int32Array.from(values);

/** Sizes around those of vectors, tiles and pieces, zero now and then. */
const size = ({ below }) => (below(12) === 0 ? 0 : below(4) === 0 ? 1 + below(70) : 1 + below(20));

function norm(t) {
  const [rows, width] = [below100(t), size(t)];
  return { rows, width, x: t.floats(rows * width), gamma: t.floats(width), beta: t.floats(width) };
}
/** Rows enough for several pieces, now and then. */
const below100 = (t) => (t.below(40) === 0 ? 150 + t.below(400) : size(t));

function linearInputs(t) {
  const { rows, width, x, gamma, beta } = norm(t);
  const out = size(t);
  const normed = t.below(2) === 0;
  const begin = [rows, width, out, 1e-5, x, normed ? gamma : null, normed ? beta : null, t.floats(out * width)];
  return { rows, width, out, normed, begin };
}

function mlpInputs(t) {
  const { rows, width: w, x, gamma, beta } = norm(t);
  const h = size(t);
  const weights = [t.floats(h * w), t.floats(h), t.floats(w * h), t.floats(w)];
  return { rows, w, h, begin: [rows, w, h, t.below(2), 1e-5, x, gamma, beta, ...weights] };
}

function attentionInputs(t) {
  const self = t.below(2) === 0;
  const [batch, heads, depth, rows] = [1 + t.below(3), 1 + t.below(4), size(t), size(t)];
  const columns = self ? rows : size(t);
  const width = heads * depth;
  const sources = self
    ? [t.floats(batch * rows * 3 * width)]
    : [t.floats(batch * rows * width), t.floats(batch * columns * 2 * width)];
  const begin = [self, batch, heads, depth, rows, columns, t.pick([1, 0.3, -2]), ...sources];
  return { begin, sources, out: batch * rows * width, sums: batch * heads * rows };
}

function gatesInputs(t) {
  const [rows, width] = [below100(t), size(t)];
  const n = rows * width;
  return { n, begin: [rows, width, t.floats(3 * n), t.floats(3 * n), t.floats(n)] };
}

function classes(t) {
  const [rows, count] = [below100(t), 1 + size(t)];
  const targets = Int32Array.from({ length: rows }, () => t.below(count));
  return { rows, count, begin: [rows, count, t.floats(rows * count), targets] };
}

/** A plan over up to three axes: contiguous, the axes of `a` swapped for a copy. */
function plan(t) {
  const long = t.below(20) === 0;
  const dims = long ? [1 + t.below(3), 1 + t.below(3), 1 + t.below(9000)] : [size(t), size(t), 1 + t.below(30)];
  const to = [dims[1] * dims[2], dims[2], 1];
  return { dims, to, length: dims[0] * dims[1] * dims[2] };
}

export const VALID = {
  init: (t) => [1 + t.below(4), t.pick(t.sets)],
  memory: (t) => [t.below(5000)],
  instructionSets: () => [],
  unary(t) {
    const n = t.below(20) === 0 ? 40000 : size(t);
    return [t.below(15), 0.5, t.floats(n), zeros(n)];
  },
  binary(t) {
    const { dims, to, length } = plan(t);
    const strides = () => (t.below(2) === 0 ? to : [0, 0, t.below(2)]);
    return [
      t.below(7),
      ints(...dims, ...strides(), ...strides()),
      t.floats(length),
      t.floats(length),
      zeros(length),
    ].map(
      // an empty array cannot be broadcast
      (x) => (x instanceof Float32Array && x.length === 0 ? zeros(0) : x),
    );
  },
  copy(t) {
    const { dims, to, length } = plan(t);
    const swapped = [dims[2], dims[2] * dims[0], 1];
    const transposed = [dims[1], 1, dims[0] * dims[1]];
    const strides = t.pick([to, swapped, transposed]);
    const [from, at] = [t.below(4), t.below(4)];
    return [from, at, ints(...dims, ...strides, ...to), t.floats(length + from), zeros(length + at)];
  },
  fill: (t) => [t.pick([0, 1.5, NaN]), zeros(t.below(20) === 0 ? 40000 : size(t))],
  reduce(t) {
    const [outer, n, inner] = [size(t), t.below(30) === 0 ? 40000 : size(t), size(t)];
    const few = n > 100 ? 1 : outer;
    const one = n > 100 ? 1 + t.below(3) : inner;
    return [t.below(3), few, n, one, t.pick([1, 0.5]), t.floats(few * n * one), zeros(few * one)];
  },
  softmax(t) {
    const [outer, n, inner] = [size(t), size(t), t.below(2) === 0 ? 1 : size(t)];
    return [outer, n, inner, t.floats(outer * n * inner), zeros(outer * n * inner)];
  },
  softmaxGrad(t) {
    const [outer, n, inner] = [size(t), size(t), t.below(2) === 0 ? 1 : size(t)];
    const values = () => t.floats(outer * n * inner);
    return [outer, n, inner, values(), values(), zeros(outer * n * inner)];
  },
  matmul(t) {
    const batch = t.pick([1, 1, 2, 17]);
    const [m, n] = [size(t), size(t)];
    const k = t.below(50) === 0 ? 2100 : size(t);
    const offsets = Int32Array.from({ length: 2 * batch }, (_, i) => (i >> 1) * (i % 2 === 0 ? m * k : k * n));
    const flags = [t.below(2) === 0, t.below(2) === 0];
    return [batch, m, n, k, ...flags, offsets, t.floats(batch * m * k), t.floats(batch * k * n), zeros(batch * m * n)];
  },
  linear(t) {
    const { rows, out, begin } = linearInputs(t);
    const bias = t.below(2) === 0 ? t.floats(out) : null;
    return [...begin, bias, t.below(2) === 0 ? t.floats(rows * out) : null, zeros(rows * out)];
  },
  linearGrad(t) {
    const { rows, width, out, normed, begin } = linearInputs(t);
    const dnorm = normed ? [zeros(width), zeros(width)] : [null, null];
    const [dx, dbias] = [t.below(2) === 0 ? zeros(rows * width) : null, t.below(2) === 0 ? zeros(out) : null];
    return [...begin, t.floats(rows * out), dx, t.below(8) === 0 ? null : zeros(out * width), dbias, ...dnorm];
  },
  mlp(t) {
    const { rows, w, begin } = mlpInputs(t);
    return [...begin, zeros(rows * w)];
  },
  mlpGrad(t) {
    const { rows, w, h, begin } = mlpInputs(t);
    const results = [rows * w, w, w, h * w, h, w * h, w].map(zeros);
    return [...begin, t.floats(rows * w), ...results];
  },
  layerNorm(t) {
    const { rows, width, x, gamma, beta } = norm(t);
    return [rows, width, 1e-5, x, gamma, beta, zeros(rows * width)];
  },
  layerNormGrad(t) {
    const { rows, width, x, gamma, beta } = norm(t);
    const n = rows * width;
    return [rows, width, 1e-5, x, gamma, beta, t.floats(n), zeros(n), zeros(width), zeros(width)];
  },
  geluGrad(t) {
    const n = t.below(20) === 0 ? 40000 : size(t);
    return [t.floats(n), t.floats(n), zeros(n)];
  },
  attention(t) {
    const { begin, out, sums } = attentionInputs(t);
    return [...begin, zeros(out), zeros(sums)];
  },
  attentionGrad(t) {
    const { begin, sources, out, sums } = attentionInputs(t);
    return [...begin, t.floats(out), t.floats(out), t.floats(sums), ...sources.map((x) => zeros(x.length))];
  },
  gruGates(t) {
    const { n, begin } = gatesInputs(t);
    return [...begin, zeros(n)];
  },
  gruGatesGrad(t) {
    const { n, begin } = gatesInputs(t);
    return [...begin, t.floats(n), zeros(3 * n), zeros(3 * n), zeros(n)];
  },
  l2Normalize(t) {
    const { rows, width, x } = norm(t);
    return [rows, width, 1e-10, x, zeros(rows * width)];
  },
  l2NormalizeGrad(t) {
    const { rows, width, x } = norm(t);
    return [rows, width, 1e-10, x, t.floats(rows * width), zeros(rows * width)];
  },
  crossEntropy(t) {
    const { rows, begin } = classes(t);
    return [...begin, zeros(rows)];
  },
  crossEntropyGrad(t) {
    const { rows, count, begin } = classes(t);
    return [...begin, t.floats(rows), zeros(rows * count)];
  },
  adamw(t) {
    const n = t.below(20) === 0 ? 40000 : size(t);
    const numbers = [0.9, 0.1, 0.999, 0.001, 1, 1e-8, 1, 0.01];
    return [...numbers, ...Array.from({ length: 4 }, () => t.floats(n)), zeros(n), zeros(n), zeros(n)];
  },
  kmeans(t) {
    const [batch, points, clusters, width] = [1 + t.below(3), size(t), size(t), size(t)];
    const shape = [batch, points, clusters, width];
    return [
      t.below(2) === 0,
      ...shape,
      t.below(5),
      1e-6,
      t.floats(batch * points * width),
      t.floats(batch * clusters * width),
    ];
  },
};
