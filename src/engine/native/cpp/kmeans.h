// Lloyd's algorithm on every sample of a batch, all samples stopping together (the reference's src/osc/models/embeds.py).
#pragma once
#include "linear.h"

namespace osc {
namespace OSC_ISA {

// One sample. `columns` [C, padded(N)]: the points by coordinate, less `middle` [C] (so that |c|² - 2 x·c keeps its digits).
struct Sample {
  const float *points, *columns, *middle;
};

// From the mean [C] of points [N, C] to the point nearest to it: what lies on a grid stays on it, so that equally far is equal.
static void snap_to_point(const float* points, int64_t n, int64_t c, float* mean) {
  int64_t nearest = 0;
  float least = INFINITE;
  for (int64_t i = 0; i < n; i++) {
    V square = zero();
    OSC_FOR(j, part, c) {
      const V d = load_k(points + i * c + j, part) - load_k(mean + j, part);
      square = fma(d, d, square);
    }
    const float distance = sum(square);
    if (distance < least) {
      least = distance;
      nearest = i;
    }
  }
  __builtin_memcpy(mean, points + nearest * c, sizeof(float) * (size_t)c);
}

// nearest [padded(N)]: index of the first nearest centroid; NaN is taken for infinitely near, as tfjs's argMin has it not
static void nearest(const args::kMeans& a, const Sample& s, const float* centroids, float* centred, float* distances,
                    int32_t* nearest) {
  const int64_t n = a.points, c = a.width, k = a.clusters, np = padded(n);
  float* const norms = centred + k * c;
  for (int64_t i = 0; i < k; i++) {
    V square = zero();
    OSC_FOR(j, part, c) {
      V d = load_k(centroids + i * c + j, part) - load_k(s.middle + j, part);
      store_k(centred + i * c + j, d * splat(-2.f), part);
      square = fma(d, d, square);
    }
    norms[i] = a.cosine ? 0 : sum(square);
  }
  gemm({.m = k, .n = np, .k = c, .a = centred, .row_a = c, .b = s.columns, .ldb = np, .c = distances, .ldc = np});
  for (int64_t j = 0; j < np; j += W) {
    V best = splat(INFINITE);
    VI index = VI{};
    for (int64_t i = 0; i < k; i++) {
      const V d = load(distances + i * np + j) + splat(norms[i]);
      const VI nearer = d < best;
      best = select(nearer, d, best);
      index = (nearer & (VI{} + (int32_t)i)) | (~nearer & index);
    }
    store((float*)(nearest + j), (V)index);
  }
}

// The new centroids [S, C] and the largest move of a coordinate.
static float update_centroids(const args::kMeans& a, const Sample& s, const int32_t* nearest, const float* old, float* next,
                              int32_t* sizes) {
  const int64_t n = a.points, c = a.width, k = a.clusters;
  __builtin_memset(next, 0, sizeof(float) * (size_t)(k * c));
  __builtin_memset(sizes, 0, sizeof(int32_t) * (size_t)k);
  for (int64_t i = 0; i < n; i++) {
    const int32_t at = nearest[i];
    sizes[at]++;
    OSC_FOR(j, part, c) store_k(next + at * c + j, load_k(next + at * c + j, part) + load_k(s.points + i * c + j, part), part);
  }
  V moved = zero();
  for (int64_t i = 0; i < k; i++) {
    float* const row = next + i * c;
    float factor = 0;
    if (a.cosine) {
      V square = zero();
      OSC_FOR(j, part, c) square = fma(load_k(row + j, part), load_k(row + j, part), square);
      const float length = __builtin_sqrtf(sum(square));
      if (length > 0 || length != length) factor = 1 / length;
    } else if (sizes[i] > 0) {
      factor = 1 / (float)sizes[i];
    }
    const bool keep = factor == 0;  // an empty cluster, or one whose members cancel out, stays where it is
    OSC_FOR(j, part, c) {
      const V before = load_k(old + i * c + j, part), after = keep ? before : load_k(row + j, part) * splat(factor);
      store_k(row + j, after, part);
      const V distance = absolute(after - before);
      moved = select(moved != moved, moved, max(moved, distance));
    }
  }
  float t[W], most = 0;
  store(t, moved);
  for (int i = 0; i < W; i++)
    if (most == most && !(t[i] <= most)) most = t[i];
  return most;
}

static void kMeans(Context& ctx, const args::kMeans& a) {
  const float* const points = a.x;
  float* const centroids = a.centroids;
  const int64_t n = a.points, c = a.width, k = a.clusters, np = padded(n), floats = 2 * k * c + k + k * np + np + k;
  __builtin_memcpy(centroids, a.start, sizeof(float) * (size_t)(a.batch * k * c));
  if (n == 0) return;
  float* const columns = ctx.shared(0, a.batch * c * np);
  float* const middles = ctx.shared(1, a.batch * c);
  float* const moves = ctx.shared(2, a.batch);
  float* const scratch = ctx.per_thread(floats);
  if (!columns || !middles || !moves || !scratch) return;
  ctx.parallel(a.batch, [&](int64_t b, int) {
    const float* const from = points + b * n * c;
    float *const middle = middles + b * c, *const to = columns + b * c * np;
    __builtin_memset(middle, 0, sizeof(float) * (size_t)c);
    if (!a.cosine) {
      add_column_sums(from, c, n, c, middle);
      for (int64_t j = 0; j < c; j++) middle[j] /= (float)n;
      snap_to_point(from, n, c, middle);
    }
    pack(from, 1, c, c, n, to);
    for (int64_t j = 0; j < c; j++) OSC_FOR(i, part, n) store_k(to + j * np + i, load_k(to + j * np + i, part) - splat(middle[j]), part);
  });
  for (int64_t iteration = 0; iteration < a.maxIterations; iteration++) {
    ctx.parallel(a.batch, [&](int64_t b, int thread) {
      float* const next = scratch + thread * Context::stride(floats);
      float *const centred = next + k * c, *const distances = centred + k * c + k;
      int32_t *const index = (int32_t*)(distances + k * np), *const sizes = index + np;
      const Sample s{points + b * n * c, columns + b * c * np, middles + b * c};
      float* const mine = centroids + b * k * c;
      nearest(a, s, mine, centred, distances, index);
      moves[b] = update_centroids(a, s, index, mine, next, sizes);
      __builtin_memcpy(mine, next, sizeof(float) * (size_t)(k * c));
    });
    float most = 0;
    for (int64_t b = 0; b < a.batch; b++)
      if (most == most && !(moves[b] <= most)) most = moves[b];
    if (most < a.tolerance) break;
  }
}

}  // namespace OSC_ISA
}  // namespace osc
