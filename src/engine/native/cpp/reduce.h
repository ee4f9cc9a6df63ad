// Reductions and softmax over one axis of [outer, n, inner].
#pragma once
#include "elementwise.h"

namespace osc {
namespace OSC_ISA {

OSC_INLINE float start_of(Reduce::Kind op) { return op == Reduce::sum ? 0 : op == Reduce::max ? -INFINITE : INFINITE; }
// acc op v; a NaN stays
OSC_INLINE V combine(Reduce::Kind op, V acc, V v) {
  if (op == Reduce::sum) return acc + v;
  return select(acc != acc, acc, op == Reduce::max ? max(acc, v) : min(acc, v));
}

static float reduce_row(Reduce::Kind op, const float* x, int64_t n) {
  V a = splat(start_of(op)), b = a;
  int64_t i = 0;
  for (; i + 2 * W <= n; i += 2 * W) a = combine(op, a, load(x + i)), b = combine(op, b, load(x + i + W));
  a = combine(op, a, b);
  for (; i + W <= n; i += W) a = combine(op, a, load(x + i));
  float t[W];
  store(t, a);
  float y = start_of(op);
  const auto take = [&](float v) {
    if (op == Reduce::sum || y != y || v != v) y += v;  // NaN stays
    else if (op == Reduce::max ? v > y : v < y) y = v;
  };
  for (int j = 0; j < W; j++) take(t[j]);
  for (; i < n; i++) take(x[i]);
  return y;
}

// y [inner] = reduction of rows [n, inner]
static void reduce_rows(Reduce::Kind op, const float* x, int64_t n, int64_t inner, float* y) {
  OSC_FOR(j, k, inner) {
    V acc = splat(start_of(op));
    for (int64_t i = 0; i < n; i++) acc = combine(op, acc, load_k(x + i * inner + j, k));
    store_k(y + j, acc, k);
  }
}

static void reduce(Context& ctx, const args::reduce& a) {
  const Reduce::Kind op = a.op;
  const int64_t outer = a.outer, n = a.n, inner = a.inner;
  const float* const x = a.x;
  float* const y = a.y;
  // few results of long axes are made of partial ones
  const int64_t axis = GRAIN / inner + 1, parts = outer * inner <= 4096 && n >= 2 * axis ? pieces(n, axis) : 1;
  float* const partial = parts > 1 ? ctx.shared(0, outer * parts * inner) : y;
  if (!partial) return;
  const int64_t piece = parts > 1 ? axis : n, tasks = outer * parts;
  const int64_t grain = GRAIN / (piece * inner + 1) + 1;
  ctx.parallel(pieces(tasks, grain), [&](int64_t i, int) {
    const int64_t end = tasks - i * grain < grain ? tasks : (i + 1) * grain;
    for (int64_t t = i * grain; t < end; t++) {
      const int64_t o = t / parts, at = t % parts * piece, count = n - at < piece ? n - at : piece;
      const float* const from = x + (o * n + at) * inner;
      if (inner == 1) partial[t] = reduce_row(op, from, count);
      else reduce_rows(op, from, count, inner, partial + t * inner);
    }
  });
  if (parts > 1)
    for (int64_t o = 0; o < outer; o++) reduce_rows(op, partial + o * parts * inner, parts, inner, y + o * inner);
  if (a.scale != 1) unary(ctx, {.op = Unary::scale, .alpha = a.scale, .n = outer * inner, .x = y, .y = y});
}

static void softmax_row(const float* x, float* y, int64_t n) {
  if (n <= W) {
    const V v = load_k(x, n);
    const VI there = (VI)first_lanes_k((V)(VI{} - 1), n);
    const V e = first_lanes_k(exponential(v - splat(largest(select(there, v, splat(-INFINITE))))), n);
    store_k(y, e / splat(sum(e)), n);
    return;
  }
  V m = splat(-INFINITE);
  int64_t i = 0;
  for (; i + W <= n; i += W) m = max(m, load(x + i));
  float most = largest(m);
  for (; i < n; i++) most = x[i] > most ? x[i] : most;
  V total = zero();
  OSC_FOR(j, k, n) {
    const V e = first_lanes_k(exponential(load_k(x + j, k) - splat(most)), k);
    store_k(y + j, e, k);
    total += e;
  }
  const V inverse = splat(1 / sum(total));
  OSC_FOR(j, k, n) store_k(y + j, load_k(y + j, k) * inverse, k);
}

static void softmax(Context& ctx, const args::softmax& a) {
  const int64_t outer = a.outer, n = a.n, inner = a.inner;
  const float* const x = a.x;
  float* const y = a.y;
  if (outer * n * inner == 0) return;
  const int64_t grain = GRAIN / (n * inner) + 1;
  ctx.parallel(pieces(outer, grain), [&](int64_t piece, int) {
    const int64_t end = outer - piece * grain < grain ? outer : (piece + 1) * grain;
    for (int64_t o = piece * grain; o < end; o++) {
      const float* const from = x + o * n * inner;
      float* const to = y + o * n * inner;
      if (inner == 1) {
        softmax_row(from, to, n);
        continue;
      }
      OSC_FOR(j, k, inner) {
        V m = splat(-INFINITE), total = zero();
        for (int64_t i = 0; i < n; i++) m = max(m, load_k(from + i * inner + j, k));
        for (int64_t i = 0; i < n; i++) {
          const V e = exponential(load_k(from + i * inner + j, k) - m);
          store_k(to + i * inner + j, e, k);
          total += e;
        }
        const V inverse = splat(1.f) / total;
        for (int64_t i = 0; i < n; i++) store_k(to + i * inner + j, load_k(to + i * inner + j, k) * inverse, k);
      }
    }
  });
}

// dx = y (dy - sum over n of y dy)
static void softmaxGrad(Context& ctx, const args::softmaxGrad& a) {
  const int64_t outer = a.outer, n = a.n, inner = a.inner;
  const float *const y = a.y, *const dy = a.dy;
  float* const dx = a.dx;
  if (outer * n * inner == 0) return;
  const int64_t grain = GRAIN / (n * inner) + 1;
  ctx.parallel(pieces(outer, grain), [&](int64_t piece, int) {
    const int64_t end = outer - piece * grain < grain ? outer : (piece + 1) * grain;
    for (int64_t o = piece * grain; o < end; o++) {
      const float *const p = y + o * n * inner, *const d = dy + o * n * inner;
      float* const to = dx + o * n * inner;
      if (inner == 1) {
        V along = zero();
        OSC_FOR(j, k, n) along = fma(load_k(p + j, k), load_k(d + j, k), along);
        along = splat(sum(along));
        OSC_FOR(j, k, n) store_k(to + j, load_k(p + j, k) * (load_k(d + j, k) - along), k);
        continue;
      }
      OSC_FOR(j, k, inner) {
        V along = zero();
        for (int64_t i = j; i < n * inner; i += inner) along = fma(load_k(p + i, k), load_k(d + i, k), along);
        for (int64_t i = j; i < n * inner; i += inner) store_k(to + i, load_k(p + i, k) * (load_k(d + i, k) - along), k);
      }
    }
  });
}

}  // namespace OSC_ISA
}  // namespace osc
