// Ops on rows: the gates of a GRU, l2 normalisation, cross-entropy; and the optimizer's update.
#pragma once
#include "elementwise.h"

namespace osc {
namespace OSC_ISA {

struct Gates {
  V r, z, n;
};
// the gates of lanes j of one row; i and h point to [3C] before activation
OSC_INLINE Gates gates_of(const float* i, const float* h, int64_t c, int64_t j, int64_t k) {
  const V r = sigmoid(load_k(i + j, k) + load_k(h + j, k));
  const V z = sigmoid(load_k(i + c + j, k) + load_k(h + c + j, k));
  return {r, z, hyperbolic_tangent(fma(r, load_k(h + 2 * c + j, k), load_k(i + 2 * c + j, k)))};
}

template <class F>
OSC_INLINE void each_row(Context& ctx, int64_t rows, int64_t width, F f) {
  const int64_t grain = GRAIN / (width + 1) + 1;
  ctx.parallel(pieces(rows, grain), [&](int64_t piece, int) {
    const int64_t end = rows - piece * grain < grain ? rows : (piece + 1) * grain;
    for (int64_t i = piece * grain; i < end; i++) f(i);
  });
}

// y = (1 - z) n + z h
static void gruGates(Context& ctx, const args::gruGates& a) {
  const float *const input = a.fromInput, *const recurrent = a.fromHidden, *const hidden = a.hidden;
  float* const y = a.y;
  const int64_t c = a.width;
  each_row(ctx, a.rows, 8 * c, [&](int64_t i) {
    OSC_FOR(j, k, c) {
      const Gates g = gates_of(input + i * 3 * c, recurrent + i * 3 * c, c, j, k);
      store_k(y + i * c + j, fma(g.z, load_k(hidden + i * c + j, k) - g.n, g.n), k);
    }
  });
}

static void gruGatesGrad(Context& ctx, const args::gruGatesGrad& a) {
  const float *const input = a.fromInput, *const recurrent = a.fromHidden, *const hidden = a.hidden, *const dy = a.dy;
  float *const dinput = a.dfromInput, *const drecurrent = a.dfromHidden, *const dhidden = a.dhidden;
  const int64_t c = a.width;
  const V one = splat(1.f);
  each_row(ctx, a.rows, 8 * c, [&](int64_t i) {
    const float* const h = recurrent + i * 3 * c;
    float *const di = dinput + i * 3 * c, *const dh = drecurrent + i * 3 * c;
    OSC_FOR(j, k, c) {
      const Gates g = gates_of(input + i * 3 * c, h, c, j, k);
      const V d = load_k(dy + i * c + j, k);
      const V dn = d * (one - g.z) * (one - g.n * g.n);
      const V dz = d * (load_k(hidden + i * c + j, k) - g.n) * g.z * (one - g.z);
      const V dr = dn * load_k(h + 2 * c + j, k) * g.r * (one - g.r);
      store_k(di + j, dr, k), store_k(di + c + j, dz, k), store_k(di + 2 * c + j, dn, k);
      store_k(dh + j, dr, k), store_k(dh + c + j, dz, k), store_k(dh + 2 * c + j, dn * g.r, k);
      store_k(dhidden + i * c + j, d * g.z, k);
    }
  });
}

OSC_INLINE float dot(const float* a, const float* b, int64_t n) {
  V s = zero();
  OSC_FOR(j, k, n) s = fma(load_k(a + j, k), load_k(b + j, k), s);
  return sum(s);
}

// y = x / max(|x|, epsilon)
static void l2Normalize(Context& ctx, const args::l2Normalize& a) {
  const float* const x = a.x;
  float* const y = a.y;
  const int64_t c = a.width;
  const float epsilon = a.epsilon;
  each_row(ctx, a.rows, c, [&](int64_t i) {
    const float norm = __builtin_sqrtf(dot(x + i * c, x + i * c, c));
    const V bounded = splat(norm < epsilon ? epsilon : norm);
    OSC_FOR(j, k, c) store_k(y + i * c + j, load_k(x + i * c + j, k) / bounded, k);
  });
}

static void l2NormalizeGrad(Context& ctx, const args::l2NormalizeGrad& a) {
  const float *const x = a.x, *const dy = a.dy;
  float* const dx = a.dx;
  const int64_t c = a.width;
  const float epsilon = a.epsilon;
  each_row(ctx, a.rows, c, [&](int64_t i) {
    const float *const p = x + i * c, *const d = dy + i * c;
    const float norm = __builtin_sqrtf(dot(p, p, c));
    const V bounded = splat(norm < epsilon ? epsilon : norm);
    V along = zero();
    // below epsilon the divisor is a constant
    if (norm > epsilon || norm != norm) {
      OSC_FOR(j, k, c) along = fma(load_k(p + j, k) / bounded, load_k(d + j, k), along);
      along = splat(sum(along));
    }
    // divided, not multiplied by an inverse: of a row of one number the gradient is exactly 0
    OSC_FOR(j, k, c) store_k(dx + i * c + j, (load_k(d + j, k) - load_k(p + j, k) / bounded * along) / bounded, k);
  });
}

OSC_INLINE float largest_of_row(const float* x, int64_t n) {
  V m = splat(-INFINITE);
  int64_t i = 0;
  for (; i + W <= n; i += W) m = max(m, load(x + i));
  float most = largest(m);
  for (; i < n; i++) most = x[i] > most ? x[i] : most;
  return most;
}

// y [rows]: log of the sum of exponentials less the target's logit
static void crossEntropy(Context& ctx, const args::crossEntropy& a) {
  const float* const x = a.logits;
  const int32_t* const targets = a.targets;
  float* const y = a.y;
  const int64_t classes = a.classes;
  each_row(ctx, a.rows, 4 * classes, [&](int64_t i) {
    const float* const row = x + i * classes;
    const float most = largest_of_row(row, classes);
    V total = zero();
    OSC_FOR(j, k, classes) total += first_lanes_k(exponential(load_k(row + j, k) - splat(most)), k);
    y[i] = logarithm(splat(sum(total)))[0] - (row[targets[i]] - most);
  });
}

static void crossEntropyGrad(Context& ctx, const args::crossEntropyGrad& a) {
  const float *const x = a.logits, *const dy = a.dy;
  const int32_t* const targets = a.targets;
  float* const dx = a.dlogits;
  const int64_t classes = a.classes;
  each_row(ctx, a.rows, 4 * classes, [&](int64_t i) {
    const float* const row = x + i * classes;
    float* const d = dx + i * classes;
    const float most = largest_of_row(row, classes);
    V total = zero();
    OSC_FOR(j, k, classes) {
      const V e = first_lanes_k(exponential(load_k(row + j, k) - splat(most)), k);
      store_k(d + j, e, k);
      total += e;
    }
    const V factor = splat(dy[i] / sum(total));
    OSC_FOR(j, k, classes) store_k(d + j, load_k(d + j, k) * factor, k);
    d[targets[i]] -= dy[i];
  });
}

// Loshchilov and Hutter 2019, as torch.optim.AdamW, which rounds after the decay: a decay that is rounded together with the
// step would drift from it. Reads p, m, v; writes the new ones.
static void adamW(Context& ctx, const args::adamW& a) {
  const float *const p = a.parameter, *const g = a.gradient, *const m = a.mean, *const v = a.meanSquare;
  float *const p2 = a.newParameter, *const m2 = a.newMean, *const v2 = a.newMeanSquare;
  const int64_t n = a.n;
  ctx.parallel(pieces(n, GRAIN), [&](int64_t piece, int) {
    const int64_t end = n - piece * GRAIN < GRAIN ? n : (piece + 1) * GRAIN;
    for (int64_t i = piece * GRAIN; i < end; i += W) {
      const int64_t k = end - i < W ? end - i : W;
      const V grad = load_k(g + i, k);
      const V mean = load_k(m + i, k) * splat(a.beta1) + grad * splat(a.rest1);
      const V square = load_k(v + i, k) * splat(a.beta2) + grad * grad * splat(a.rest2);
      const V root = square_root(square) * splat(a.rootScale) + splat(a.epsilon);
      store_k(m2 + i, mean, k);
      store_k(v2 + i, square, k);
      store_k(p2 + i, rounded_product(load_k(p + i, k), splat(a.decay)) - mean * splat(a.rate) / root, k);
    }
  });
}

}  // namespace OSC_ISA
}  // namespace osc
