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

// y [rows, out] = norm(x) weightᵀ + bias + residual; the norm, the bias and the residual are optional
static void linear(Context& ctx, const LinearArgs& a, const float* residual, float* y) {
  const int64_t width = padded(a.out);
  float* const weight = ctx.shared(0, a.in * width);
  float* const scratch = a.gamma ? ctx.per_thread(ROWS * a.in) : weight;
  if (!weight || !scratch) return;
  pack(a.weight, 1, a.in, a.in, a.out, weight);
  const Norm norm{a.gamma, a.beta, a.in, a.epsilon};
  ctx.parallel(pieces(a.rows, ROWS), [&](int64_t i, int thread) {
    const int64_t r = i * ROWS, n = least(ROWS, a.rows - r);
    const float* x = a.x + r * a.in;
    if (a.gamma) {
      float* const normal = scratch + thread * Context::stride(ROWS * a.in);
      normalise_rows(norm, x, n, normal, a.in);
      x = normal;
    }
    gemm({n, a.out, a.in, x, a.in, 1, weight, width, y + r * a.out, a.out, a.bias, residual ? residual + r * a.out : nullptr,
          a.out});
  });
}

// Gradients of `linear` but that of the residual, which is dy. Any of the outputs may be null (those of the norm together).
static void linear_grad(Context& ctx, const LinearArgs& a, const float* dy, float* dx, float* dweight, float* dbias,
                        float* dgamma, float* dbeta) {
  const int64_t in = a.in, out = a.out, width = padded(in);
  const int64_t partial_floats = out * in + out + 2 * in;
  const Pieces cut = sum_pieces(a.rows, partial_floats);
  const bool back = dx || dgamma;  // dy has to go through the weight
  const int64_t floats = 2 * ROWS * width;
  float* const partial = ctx.shared(0, cut.count * partial_floats);
  const float* const weight = whole_rows(ctx, 1, a.weight, out, in);
  float* const scratch = ctx.per_thread(floats);
  if (!partial || !weight || !scratch) return;
  const Norm norm{a.gamma, a.beta, in, a.epsilon};
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
      if (dweight) {
        const float* input = x;
        if (a.gamma) normalise_rows(norm, x, n, normal, width), input = normal;
        else if (width != in) pack(x, in, 1, n, in, normal), input = normal;
        gemm({out, in, n, d, 1, out, input, width, pw, in, nullptr, pw, in});
      }
      if (dbias) add_column_sums(d, out, n, out, pb);
      if (!back) continue;
      if (a.gamma) {
        gemm({n, width, out, d, out, 1, weight, width, dnormal, width, nullptr, nullptr, 0});
        normalise_rows_grad(norm, x, dnormal, width, nullptr, n, dx ? dx + r * in : nullptr, pgamma, pbeta);
      } else {
        gemm({n, in, out, d, out, 1, weight, width, dx + r * in, in, nullptr, nullptr, 0});
      }
    }
  });
  const struct { float* to; int64_t at, n; } sums[] = {
      {dweight, 0, out * in}, {dbias, out * in, out}, {dgamma, out * in + out, in}, {dbeta, out * in + out + in, in}};
  for (const auto& s : sums)
    if (s.to) add_partial_sums(ctx, partial + s.at, partial_floats, cut.count, s.n, s.to);
}

// values in place; slopes too where asked
static void activate(int activation, float* x, float* slope, int64_t n) {
  OSC_FOR(i, k, n) {
    const V v = load_k(x + i, k);
    if (activation == ACTIVATION_RELU) {
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
static void mlp(Context& ctx, const MlpArgs& a, float* y) {
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
    gemm({n, hp, c, normal, c, 1, w1, hp, hidden, hp, b1, nullptr, 0});
    activate(a.activation, hidden, nullptr, n * hp);
    gemm({n, c, h, hidden, hp, 1, w2, cp, y + r * c, c, a.bias2, a.x + r * c, c});
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
static void mlp_grad(Context& ctx, const MlpArgs& a, const float* dy, const MlpGradients& out) {
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
      const float *const x = a.x + r * c, *const d = dy + r * c;
      normalise_rows(norm, x, n, normal, cp);
      gemm({n, hp, c, normal, cp, 1, w1, hp, hidden, hp, b1, nullptr, 0});
      activate(a.activation, hidden, slope, n * hp);
      gemm({c, h, n, d, 1, c, hidden, hp, pw2, h, nullptr, pw2, h});
      add_column_sums(d, c, n, c, pb2);
      gemm({n, hp, c, d, c, 1, w2_rows, hp, dhidden, hp, nullptr, nullptr, 0}, Times{slope, hp});
      gemm({h, c, n, dhidden, 1, hp, normal, cp, pw1, c, nullptr, pw1, c});
      add_column_sums(dhidden, hp, n, h, pb1);
      gemm({n, cp, h, dhidden, hp, 1, w1_rows, cp, dnormal, cp, nullptr, nullptr, 0});
      normalise_rows_grad(norm, x, dnormal, cp, d, n, out.dx + r * c, pgamma, pgamma + c);
    }
  });
  const int64_t hc = h * c;
  const struct { float* to; int64_t at, n; } sums[] = {
      {out.dweight1, 0, hc},         {out.dweight2, hc, hc},    {out.dbias1, 2 * hc, h},
      {out.dbias2, 2 * hc + h, c},   {out.dgamma, 2 * hc + h + c, c}, {out.dbeta, 2 * hc + h + 2 * c, c}};
  for (const auto& s : sums) add_partial_sums(ctx, partial + s.at, partial_floats, cut.count, s.n, s.to);
}

}  // namespace OSC_ISA
}  // namespace osc
