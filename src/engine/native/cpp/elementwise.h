// Elementwise ops and strided copies.
#pragma once
#include "context.h"
#include "kernels.h"
#include "math.h"

namespace osc {
namespace OSC_ISA {

constexpr int64_t GRAIN = 16384;  // floats a piece

template <class F>
OSC_INLINE void map1(const float* x, float* y, int64_t n, F f) {
  OSC_FOR(i, k, n) store_k(y + i, f(load_k(x + i, k)), k);
}

static void unary_piece(Unary::Kind op, const float* x, float* y, int64_t n, float alpha) {
  const V one = splat(1.f);
  switch (op) {
    case Unary::Exp: return map1(x, y, n, [](V v) { return exponential(v); });
    case Unary::Log: return map1(x, y, n, [](V v) { return logarithm(v); });
    case Unary::Tanh: return map1(x, y, n, [](V v) { return hyperbolic_tangent(v); });
    case Unary::Sigmoid: return map1(x, y, n, [](V v) { return sigmoid(v); });
    case Unary::Relu: return map1(x, y, n, [](V v) { return select(v < zero(), zero(), v); });
    case Unary::Sqrt: return map1(x, y, n, [](V v) { return square_root(v); });
    case Unary::Rsqrt: return map1(x, y, n, [=](V v) { return one / square_root(v); });
    case Unary::Square: return map1(x, y, n, [](V v) { return v * v; });
    case Unary::Neg: return map1(x, y, n, [](V v) { return -v; });
    case Unary::Reciprocal: return map1(x, y, n, [=](V v) { return one / v; });
    case Unary::Erf: return map1(x, y, n, [](V v) { return error_function(v); });
    case Unary::Abs: return map1(x, y, n, [](V v) { return absolute(v); });
    case Unary::Step: return map1(x, y, n, [=](V v) { return select(v == v, select(v > zero(), one, splat(alpha)), v); });
    default: return map1(x, y, n, [=](V v) { return v * splat(alpha); });  // Unary::scale
  }
}

static void unary(Context& ctx, const args::unary& a) {
  ctx.parallel(pieces(a.n, GRAIN), [&](int64_t i, int) {
    const int64_t begin = i * GRAIN, end = a.n - begin < GRAIN ? a.n - begin : GRAIN;
    unary_piece(a.op, a.x + begin, a.y + begin, end, a.alpha);
  });
}

static void gelu(Context& ctx, const args::gelu& a) {
  ctx.parallel(pieces(a.n, GRAIN), [&](int64_t i, int) {
    const int64_t begin = i * GRAIN, end = a.n - begin < GRAIN ? a.n - begin : GRAIN;
    map1(a.x + begin, a.y + begin, end, [](V v) { return gelu(v).value; });
  });
}

// dx = dy * f'(x)
static void geluGrad(Context& ctx, const args::geluGrad& a) {
  const float *const x = a.x, *const dy = a.dy;
  float* const dx = a.dx;
  const int64_t n = a.n;
  ctx.parallel(pieces(n, GRAIN), [&](int64_t i, int) {
    const int64_t begin = i * GRAIN, end = n - begin < GRAIN ? n : begin + GRAIN;
    for (int64_t j = begin; j < end; j += W) {
      const int64_t k = end - j < W ? end - j : W;
      store_k(dx + j, load_k(dy + j, k) * gelu(load_k(x + j, k)).slope, k);
    }
  });
}

// strides 0 or 1
template <class F>
OSC_INLINE void map2(const float* a, int64_t sa, const float* b, int64_t sb, float* y, int64_t n, F f) {
  if (sa && sb) OSC_FOR(i, k, n) store_k(y + i, f(load_k(a + i, k), load_k(b + i, k)), k);
  else if (sa) OSC_FOR(i, k, n) store_k(y + i, f(load_k(a + i, k), splat(*b)), k);
  else OSC_FOR(i, k, n) store_k(y + i, f(splat(*a), sb ? load_k(b + i, k) : splat(*b)), k);
}

static void binary_row(Binary::Kind op, const float* a, int64_t sa, const float* b, int64_t sb, float* y, int64_t n) {
  switch (op) {
    case Binary::Add: return map2(a, sa, b, sb, y, n, [](V p, V q) { return p + q; });
    case Binary::Sub: return map2(a, sa, b, sb, y, n, [](V p, V q) { return p - q; });
    case Binary::Multiply: return map2(a, sa, b, sb, y, n, [](V p, V q) { return p * q; });
    case Binary::RealDiv: return map2(a, sa, b, sb, y, n, [](V p, V q) { return p / q; });
    case Binary::Maximum: return map2(a, sa, b, sb, y, n, [](V p, V q) { return select(p != p, p, max(p, q)); });
    case Binary::Minimum: return map2(a, sa, b, sb, y, n, [](V p, V q) { return select(p != p, p, min(p, q)); });
    default: return map2(a, sa, b, sb, y, n, [](V p, V q) { return (p - q) * (p - q); });  // Binary::SquaredDifference
  }
}

// Where row `index` of the outer axes begins in each of two arrays.
struct Offsets {
  int64_t a, b;
};
OSC_INLINE Offsets offsets_of(const Strided& s, int64_t index, int axes) {
  Offsets o{0, 0};
  for (int i = axes - 1; i >= 0; i--) {
    const int64_t c = index % s.dims[i];
    index /= s.dims[i];
    o.a += c * s.strides_a[i];
    o.b += c * s.strides_b[i];
  }
  return o;
}
OSC_INLINE int64_t product(const int32_t* dims, int n) {
  int64_t p = 1;
  for (int i = 0; i < n; i++) p *= dims[i];
  return p;
}

static void binary(Context& ctx, const args::binary& args) {
  const Binary::Kind op = args.op;
  const Strided& s = args.plan;
  const float *const a = args.a, *const b = args.b;
  float* const y = args.y;
  const int last = s.rank - 1;
  const int64_t inner = s.dims[last], outer = product(s.dims, last), sa = s.strides_a[last], sb = s.strides_b[last];
  if (inner == 0 || outer == 0) return;
  if (outer == 1) {
    ctx.parallel(pieces(inner, GRAIN), [&](int64_t i, int) {
      const int64_t begin = i * GRAIN, n = inner - begin < GRAIN ? inner - begin : GRAIN;
      binary_row(op, a + begin * sa, sa, b + begin * sb, sb, y + begin, n);
    });
    return;
  }
  const int64_t rows = GRAIN / inner + 1;
  ctx.parallel(pieces(outer, rows), [&](int64_t i, int) {
    const int64_t end = outer - i * rows < rows ? outer : (i + 1) * rows;
    for (int64_t r = i * rows; r < end; r++) {
      const Offsets o = offsets_of(s, r, last);
      binary_row(op, a + o.a, sa, b + o.b, sb, y + r * inner, inner);
    }
  });
}

static void copy_row(const float* x, int64_t sx, float* y, int64_t sy, int64_t n) {
  if (sx == 1 && sy == 1) {
    if (n >= 32) __builtin_memcpy(y, x, sizeof(float) * (size_t)n);
    else for (int64_t j = 0; j < n; j++) y[j] = x[j];
  } else if (sx == 0 && sy == 1) {
    OSC_FOR(j, k, n) store_k(y + j, splat(*x), k);
  } else {
    for (int64_t j = 0; j < n; j++) y[j * sy] = x[j * sx];
  }
}

// y[...] = x[...]: strides_a are those of x, strides_b those of y
static void copy(Context& ctx, const args::copy& a) {
  const Strided& s = a.plan;
  const float* const x = a.x + a.from;
  float* const y = a.y + a.to;
  const int last = s.rank - 1;
  const int64_t inner = s.dims[last], outer = product(s.dims, last), sx = s.strides_a[last], sy = s.strides_b[last];
  if (inner == 0 || outer == 0) return;
  if (last > 0 && sx != 1 && sy == 1 && s.strides_a[last - 1] == 1 && s.dims[last - 1] >= 4) {
    // a transpose of the last two axes, in squares that the cache holds
    constexpr int64_t SIDE = 16;
    const int64_t rows = s.dims[last - 1], tall = pieces(rows, SIDE), matrices = outer / rows, ly = s.strides_b[last - 1];
    const int64_t grain = GRAIN / (SIDE * inner) + 1, total = matrices * tall;
    ctx.parallel(pieces(total, grain), [&](int64_t piece, int) {
      const int64_t end = total - piece * grain < grain ? total : (piece + 1) * grain;
      for (int64_t t = piece * grain; t < end; t++) {
        const Offsets o = offsets_of(s, t / tall, last - 1);
        const int64_t r0 = t % tall * SIDE, r1 = r0 + SIDE < rows ? r0 + SIDE : rows;
        for (int64_t j0 = 0; j0 < inner; j0 += SIDE) {
          const int64_t j1 = j0 + SIDE < inner ? j0 + SIDE : inner;
          for (int64_t r = r0; r < r1; r++)
            for (int64_t j = j0; j < j1; j++) y[o.b + r * ly + j] = x[o.a + r + j * sx];
        }
      }
    });
    return;
  }
  if (outer == 1) {
    ctx.parallel(pieces(inner, GRAIN), [&](int64_t i, int) {
      const int64_t begin = i * GRAIN, n = inner - begin < GRAIN ? inner - begin : GRAIN;
      copy_row(x + begin * sx, sx, y + begin * sy, sy, n);
    });
    return;
  }
  // blocks of rows, of a few thousand floats at most; offsets are worked out once a block
  const int64_t rows = s.dims[last - 1], rx = s.strides_a[last - 1], ry = s.strides_b[last - 1];
  const int64_t most = GRAIN / inner + 1, block = rows < most ? rows : most;
  const int64_t blocks = pieces(rows, block), total = outer / rows * blocks, grain = GRAIN / (block * inner) + 1;
  ctx.parallel(pieces(total, grain), [&](int64_t piece, int) {
    const int64_t end = total - piece * grain < grain ? total : (piece + 1) * grain;
    for (int64_t i = piece * grain; i < end; i++) {
      const Offsets o = offsets_of(s, i / blocks, last - 1);
      const int64_t r0 = i % blocks * block, r1 = r0 + block < rows ? r0 + block : rows;
      for (int64_t r = r0; r < r1; r++) copy_row(x + o.a + r * rx, sx, y + o.b + r * ry, sy, inner);
    }
  });
}

static void fill(Context& ctx, const args::fill& a) {
  ctx.parallel(pieces(a.n, GRAIN), [&](int64_t i, int) {
    const int64_t begin = i * GRAIN, count = a.n - begin < GRAIN ? a.n - begin : GRAIN;
    copy_row(&a.value, 0, a.y + begin, 1, count);
  });
}

}  // namespace OSC_ISA
}  // namespace osc
