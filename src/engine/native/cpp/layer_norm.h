// Layer normalisation of rows (Ba et al. 2016, arXiv:1607.06450). Statistics are made again in the backward pass: that is
// cheaper than to keep them.
#pragma once
#include "context.h"
#include "gemm.h"
#include "kernels.h"

namespace osc {
namespace OSC_ISA {

struct Norm {
  const float *gamma, *beta;  // [width]
  int64_t width;
  float epsilon;
};

struct Moments {
  float mean, inverse_std;
};
OSC_INLINE Moments moments(const float* x, int64_t n, float epsilon) {
  V s = zero();
  OSC_FOR(j, k, n) s += load_k(x + j, k);
  const float mean = sum(s) / (float)n;
  V q = zero();
  OSC_FOR(j, k, n) {
    V d = load_k(x + j, k) - splat(mean);
    if (k < W) d = first_lanes(d, k);
    q = fma(d, d, q);
  }
  return {mean, 1 / __builtin_sqrtf(sum(q) / (float)n + epsilon)};
}

// y = normalised x, row by row; lanes between width and ldy are set to zero up to a whole vector
static void normalise_rows(const Norm& norm, const float* x, int64_t rows, float* y, int64_t ldy) {
  for (int64_t i = 0; i < rows; i++) {
    const float* row = x + i * norm.width;
    const Moments m = moments(row, norm.width, norm.epsilon);
    OSC_FOR(j, k, norm.width) {
      const V h = (load_k(row + j, k) - splat(m.mean)) * splat(m.inverse_std);
      const V v = fma(h, load_k(norm.gamma + j, k), load_k(norm.beta + j, k));
      if (j + W <= ldy) store(y + i * ldy + j, v);
      else store_part(y + i * ldy + j, v, k);
    }
  }
}

// dx of rows from dy (rows at ld), plus `residual` if given; dgamma and dbeta [width] are added to
static void normalise_rows_grad(const Norm& norm, const float* x, const float* dy, int64_t ld, const float* residual,
                                int64_t rows, float* dx, float* dgamma, float* dbeta) {
  const float n = (float)norm.width;
  for (int64_t i = 0; i < rows; i++) {
    const float *const row = x + i * norm.width, *const d = dy + i * ld;
    const Moments m = moments(row, norm.width, norm.epsilon);
    const V mean = splat(m.mean), inverse = splat(m.inverse_std);
    V a = zero(), b = zero();
    OSC_FOR(j, k, norm.width) {
      const V h = (load_k(row + j, k) - mean) * inverse, g = load_k(d + j, k);
      store_k(dgamma + j, fma(g, h, load_k(dgamma + j, k)), k);
      store_k(dbeta + j, load_k(dbeta + j, k) + g, k);
      const V t = g * load_k(norm.gamma + j, k);
      a += t;
      b = fma(t, h, b);
    }
    if (!dx) continue;
    const V along_one = splat(sum(a) / n), along_h = splat(sum(b) / n);
    OSC_FOR(j, k, norm.width) {
      const V h = (load_k(row + j, k) - mean) * inverse, t = load_k(d + j, k) * load_k(norm.gamma + j, k);
      V v = (t - along_one - h * along_h) * inverse;
      if (residual) v += load_k(residual + i * norm.width + j, k);
      store_k(dx + i * norm.width + j, v, k);
    }
  }
}

constexpr int64_t NORM_ROWS = 512;  // rows a piece

static void layerNorm(Context& ctx, const args::layerNorm& a) {
  const Norm norm{a.gamma, a.beta, a.width, a.epsilon};
  ctx.parallel(pieces(a.rows, NORM_ROWS), [&](int64_t i, int) {
    const int64_t r = i * NORM_ROWS, n = a.rows - r < NORM_ROWS ? a.rows - r : NORM_ROWS;
    normalise_rows(norm, a.x + r * a.width, n, a.y + r * a.width, a.width);
  });
}

static void layerNormGrad(Context& ctx, const args::layerNormGrad& a) {
  float *const dgamma = a.dgamma, *const dbeta = a.dbeta;
  const Norm norm{a.gamma, a.beta, a.width, a.epsilon};
  const int64_t count = pieces(a.rows, NORM_ROWS);
  float* const partial = ctx.shared(0, count * 2 * a.width);
  if (!partial) return;
  ctx.parallel(count, [&](int64_t i, int) {
    const int64_t r = i * NORM_ROWS, n = a.rows - r < NORM_ROWS ? a.rows - r : NORM_ROWS;
    float* const p = partial + i * 2 * a.width;
    __builtin_memset(p, 0, sizeof(float) * 2 * (size_t)a.width);
    normalise_rows_grad(norm, a.x + r * a.width, a.dy + r * a.width, a.width, nullptr, n, a.dx + r * a.width, p, p + a.width);
  });
  __builtin_memset(dgamma, 0, sizeof(float) * (size_t)a.width);
  __builtin_memset(dbeta, 0, sizeof(float) * (size_t)a.width);
  for (int64_t i = 0; i < count; i++)
    OSC_FOR(j, k, a.width) {
      const float* const p = partial + i * 2 * a.width + j;
      store_k(dgamma + j, load_k(dgamma + j, k) + load_k(p, k), k);
      store_k(dbeta + j, load_k(dbeta + j, k) + load_k(p + a.width, k), k);
    }
}

}  // namespace OSC_ISA
}  // namespace osc
