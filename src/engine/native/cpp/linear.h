// Linear layers, alone or behind a layer norm, and the MLP of a transformer block. Rows are cut into pieces that stay in
// the cache from one product to the next, so that what lies between two products never reaches main memory.
#pragma once
#include "layer_norm.h"
#include "math.h"

namespace osc {
namespace OSC_ISA {

constexpr int64_t ROWS = 96;  // a multiple of all tile heights

// Sums over rows: each piece of rows has a partial sum of its own, and these are added in their order. How many there are
// depends on sizes alone.
struct Pieces {
  int64_t rows, blocks, count;
  // where a piece begins: all have the same number of blocks of rows, but for one
  int64_t begin(int64_t piece) const {
    const int64_t row = piece * blocks / count * ROWS;
    return row < rows ? row : rows;
  }
};
OSC_INLINE Pieces sum_pieces(int64_t rows, int64_t partial_floats) {
  constexpr int64_t BUDGET = 8 << 20;  // floats of all partial sums
  const int64_t blocks = pieces(rows, ROWS);
  int64_t most = BUDGET / (partial_floats > 0 ? partial_floats : 1);
  most = most < 4 ? 4 : most > 32 ? 32 : most;  // 32: more threads than most have, and sums that stay in the cache
  const int64_t count = (blocks + 1) / 2 < most ? (blocks + 1) / 2 : most;
  return {rows, blocks, count > 0 ? count : 1};
}

// out [n] = the sum of `count` partial sums, those `stride` apart
static void add_partial_sums(Context& ctx, const float* partial, int64_t stride, int64_t count, int64_t n, float* out) {
  constexpr int64_t BLOCK = 2048;
  ctx.parallel(pieces(n, BLOCK), [&](int64_t block, int) {
    const int64_t begin = block * BLOCK, end = n - begin < BLOCK ? n - begin : BLOCK;
    OSC_FOR(j, k, end) {
      V s = zero();
      for (int64_t i = 0; i < count; i++) s += load_k(partial + i * stride + begin + j, k);
      store_k(out + begin + j, s, k);
    }
  });
}

OSC_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// A matrix whose rows are read as whole vectors: itself where its width allows that, else a copy.
static const float* whole_rows(Context& ctx, int slot, const float* x, int64_t rows, int64_t width) {
  if (width % W == 0) return x;
  float* const copy = ctx.shared(slot, rows * padded(width));
  if (copy) pack(x, width, 1, rows, width, copy);
  return copy;
}

// y [rows, out] = norm(x) weightᵀ + bias + residual
struct Layer {
  int64_t rows, in, out;
  const float *x, *weight;
  const float* bias;      // or null
  const float* residual;  // or null
  Norm norm;              // of gamma null: none
};

static void apply(Context& ctx, const Layer& a, float* y) {
  const int64_t width = padded(a.out);
  float* const weight = ctx.shared(0, a.in * width);
  float* const scratch = a.norm.gamma ? ctx.per_thread(ROWS * a.in) : weight;
  if (!weight || !scratch) return;
  pack(a.weight, 1, a.in, a.in, a.out, weight);
  ctx.parallel(pieces(a.rows, ROWS), [&](int64_t i, int thread) {
    const int64_t r = i * ROWS, n = least(ROWS, a.rows - r);
    const float* x = a.x + r * a.in;
    if (a.norm.gamma) {
      float* const normal = scratch + thread * Context::stride(ROWS * a.in);
      normalise_rows(a.norm, x, n, normal, a.in);
      x = normal;
    }
    gemm({.m = n, .n = a.out, .k = a.in, .a = x, .row_a = a.in, .b = weight, .ldb = width, .c = y + r * a.out, .ldc = a.out,
          .bias = a.bias, .initial = a.residual ? a.residual + r * a.out : nullptr, .ld_initial = a.out});
  });
}

// Any may be null; those of the norm together, and only where dx is.
struct LayerGradients {
  float *dx, *dweight, *dbias, *dgamma, *dbeta;
};

// The gradient of the residual is dy.
static void apply_grad(Context& ctx, const Layer& a, const float* dy, const LayerGradients& to) {
  const int64_t in = a.in, out = a.out, width = padded(in);
  const int64_t partial_floats = out * in + out + 2 * in;
  const Pieces cut = sum_pieces(a.rows, partial_floats);
  const bool back = to.dx || to.dgamma;  // dy has to go through the weight
  const int64_t floats = 2 * ROWS * width;
  float* const partial = ctx.shared(0, cut.count * partial_floats);
  const float* const weight = whole_rows(ctx, 1, a.weight, out, in);
  float* const scratch = ctx.per_thread(floats);
  if (!partial || !weight || !scratch) return;
  ctx.parallel(cut.count, [&](int64_t piece, int thread) {
    float* const normal = scratch + thread * Context::stride(floats);
    float* const dnormal = normal + ROWS * width;
    float* const pw = partial + piece * partial_floats;
    float *const pb = pw + out * in, *const pgamma = pb + out, *const pbeta = pgamma + in;
    __builtin_memset(pw, 0, sizeof(float) * (size_t)partial_floats);
    const int64_t end = cut.begin(piece + 1);
    for (int64_t r = cut.begin(piece); r < end; r += ROWS) {
      const int64_t n = least(ROWS, end - r);
      const float *const d = dy + r * out, *const x = a.x + r * in;
      if (to.dweight) {
        const float* input = x;
        if (a.norm.gamma) normalise_rows(a.norm, x, n, normal, width), input = normal;
        else if (width != in) pack(x, in, 1, n, in, normal), input = normal;
        gemm({.m = out, .n = in, .k = n, .a = d, .row_a = 1, .col_a = out, .b = input, .ldb = width, .c = pw, .ldc = in,
              .initial = pw, .ld_initial = in});
      }
      if (to.dbias) add_column_sums(d, out, n, out, pb);
      if (!back) continue;
      if (a.norm.gamma) {
        gemm({.m = n, .n = width, .k = out, .a = d, .row_a = out, .b = weight, .ldb = width, .c = dnormal, .ldc = width});
        normalise_rows_grad(a.norm, x, dnormal, width, nullptr, n, to.dx ? to.dx + r * in : nullptr, pgamma, pbeta);
      } else {
        gemm({.m = n, .n = in, .k = out, .a = d, .row_a = out, .b = weight, .ldb = width, .c = to.dx + r * in, .ldc = in});
      }
    }
  });
  const struct { float* to; int64_t at, n; } sums[] = {{to.dweight, 0, out * in},
                                                       {to.dbias, out * in, out},
                                                       {to.dgamma, out * in + out, in},
                                                       {to.dbeta, out * in + out + in, in}};
  for (const auto& s : sums)
    if (s.to) add_partial_sums(ctx, partial + s.at, partial_floats, cut.count, s.n, s.to);
}

static void linear(Context& ctx, const args::linear& a) {
  apply(ctx, {a.rows, a.in, a.out, a.x, a.weight, a.bias, a.residual, {}}, a.y);
}

static void linearGrad(Context& ctx, const args::linearGrad& a) {
  const Layer layer{a.rows, a.in, a.out, a.x, a.weight, nullptr, nullptr, {}};
  apply_grad(ctx, layer, a.dy, {a.dx, a.dweight, a.dbias, nullptr, nullptr});
}

static void normLinear(Context& ctx, const args::normLinear& a) {
  apply(ctx, {a.rows, a.in, a.out, a.x, a.weight, a.bias, nullptr, {a.gamma, a.beta, a.in, a.epsilon}}, a.y);
}

static void normLinearGrad(Context& ctx, const args::normLinearGrad& a) {
  const Layer layer{a.rows, a.in, a.out, a.x, a.weight, nullptr, nullptr, {a.gamma, a.beta, a.in, a.epsilon}};
  apply_grad(ctx, layer, a.dy, {a.dx, a.dweight, a.dbias, a.dgamma, a.dbeta});
}

// values in place; slopes too where asked
static void activate(Activation::Kind activation, float* x, float* slope, int64_t n) {
  OSC_FOR(i, k, n) {
    const V v = load_k(x + i, k);
    if (activation == Activation::relu) {
      const VI off = v < zero();
      store_k(x + i, select(off, zero(), v), k);
      if (slope) store_k(slope + i, select(off, zero(), select(v > zero(), splat(1.f), v)), k);  // NaN stays
    } else {
      const Gelu g = gelu(v);
      store_k(x + i, g.value, k);
      if (slope) store_k(slope + i, g.slope, k);
    }
  }
}

// y = x + fc2(activation(fc1(norm(x))))
static void mlp(Context& ctx, const args::mlp& a) {
  const int64_t c = a.width, h = a.hidden, cp = padded(c), hp = padded(h), floats = ROWS * (c + hp);
  float *const w1 = ctx.shared(0, c * hp), *const w2 = ctx.shared(1, h * cp), *const b1 = ctx.shared(2, hp);
  float* const scratch = ctx.per_thread(floats);
  if (!w1 || !w2 || !b1 || !scratch) return;
  pack(a.weight1, 1, c, c, h, w1);
  pack(a.weight2, 1, h, h, c, w2);
  pack(a.bias1, h, 1, 1, h, b1);
  const Norm norm{a.gamma, a.beta, c, a.epsilon};
  ctx.parallel(pieces(a.rows, ROWS), [&](int64_t i, int thread) {
    const int64_t r = i * ROWS, n = least(ROWS, a.rows - r);
    float* const normal = scratch + thread * Context::stride(floats);
    float* const hidden = normal + ROWS * c;
    normalise_rows(norm, a.x + r * c, n, normal, c);
    gemm({.m = n, .n = hp, .k = c, .a = normal, .row_a = c, .b = w1, .ldb = hp, .c = hidden, .ldc = hp, .bias = b1});
    activate(a.activation, hidden, nullptr, n * hp);
    gemm({.m = n, .n = c, .k = h, .a = hidden, .row_a = hp, .b = w2, .ldb = cp, .c = a.y + r * c, .ldc = c, .bias = a.bias2,
          .initial = a.x + r * c, .ld_initial = c});
  });
}

struct Times {
  const float* factors;
  int64_t ld;
  template <int NV>
  OSC_INLINE_MEMBER void operator()(V (&x)[NV], int64_t i, int64_t j) const {
#pragma GCC unroll 8
    for (int v = 0; v < NV; v++) x[v] *= load(factors + i * ld + j + v * W);
  }
};

// The hidden layer is made again.
static void mlpGrad(Context& ctx, const args::mlpGrad& a) {
  if (a.width == 0) return (void)__builtin_memset(a.dbias1, 0, sizeof(float) * (size_t)a.hidden);  // however many rows there are
  const int64_t c = a.width, h = a.hidden, cp = padded(c), hp = padded(h);
  const int64_t partial_floats = 2 * h * c + h + 3 * c;
  const Pieces cut = sum_pieces(a.rows, partial_floats);
  const int64_t floats = ROWS * (2 * cp + 3 * hp);
  float *const w1 = ctx.shared(0, c * hp), *const b1 = ctx.shared(1, hp);
  float* const partial = ctx.shared(2, cut.count * partial_floats + 2 * (h * cp + c * hp));
  float* const scratch = ctx.per_thread(floats);
  if (!w1 || !b1 || !partial || !scratch) return;
  float *const w1_rows = partial + cut.count * partial_floats, *const w2_rows = w1_rows + h * cp;
  pack(a.weight1, 1, c, c, h, w1);
  pack(a.bias1, h, 1, 1, h, b1);
  pack(a.weight1, c, 1, h, c, w1_rows);
  pack(a.weight2, h, 1, c, h, w2_rows);
  const Norm norm{a.gamma, a.beta, c, a.epsilon};
  ctx.parallel(cut.count, [&](int64_t piece, int thread) {
    float* const normal = scratch + thread * Context::stride(floats);
    float *const dnormal = normal + ROWS * cp, *const hidden = dnormal + ROWS * cp;
    float *const slope = hidden + ROWS * hp, *const dhidden = slope + ROWS * hp;
    float* const pw1 = partial + piece * partial_floats;
    float *const pw2 = pw1 + h * c, *const pb1 = pw2 + h * c, *const pb2 = pb1 + h, *const pgamma = pb2 + c;
    __builtin_memset(pw1, 0, sizeof(float) * (size_t)partial_floats);
    const int64_t end = cut.begin(piece + 1);
    for (int64_t r = cut.begin(piece); r < end; r += ROWS) {
      const int64_t n = least(ROWS, end - r);
      const float *const x = a.x + r * c, *const d = a.dy + r * c;
      normalise_rows(norm, x, n, normal, cp);
      gemm({.m = n, .n = hp, .k = c, .a = normal, .row_a = cp, .b = w1, .ldb = hp, .c = hidden, .ldc = hp, .bias = b1});
      activate(a.activation, hidden, slope, n * hp);
      gemm({.m = c, .n = h, .k = n, .a = d, .row_a = 1, .col_a = c, .b = hidden, .ldb = hp, .c = pw2, .ldc = h,
            .initial = pw2, .ld_initial = h});
      add_column_sums(d, c, n, c, pb2);
      gemm({.m = n, .n = hp, .k = c, .a = d, .row_a = c, .b = w2_rows, .ldb = hp, .c = dhidden, .ldc = hp}, Times{slope, hp});
      gemm({.m = h, .n = c, .k = n, .a = dhidden, .row_a = 1, .col_a = hp, .b = normal, .ldb = cp, .c = pw1, .ldc = c,
            .initial = pw1, .ld_initial = c});
      add_column_sums(dhidden, hp, n, h, pb1);
      gemm({.m = n, .n = cp, .k = h, .a = dhidden, .row_a = hp, .b = w1_rows, .ldb = cp, .c = dnormal, .ldc = cp});
      normalise_rows_grad(norm, x, dnormal, cp, d, n, a.dx + r * c, pgamma, pgamma + c);
    }
  });
  const int64_t hc = h * c;
  const struct { float* to; int64_t at, n; } sums[] = {
      {a.dweight1, 0, hc},         {a.dweight2, hc, hc},    {a.dbias1, 2 * hc, h},
      {a.dbias2, 2 * hc + h, c},   {a.dgamma, 2 * hc + h + c, c}, {a.dbeta, 2 * hc + h + 2 * c, c}};
  for (const auto& s : sums) add_partial_sums(ctx, partial + s.at, partial_floats, cut.count, s.n, s.to);
}

}  // namespace OSC_ISA
}  // namespace osc
