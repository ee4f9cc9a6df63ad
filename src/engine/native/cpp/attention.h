// Multi-head attention. The matrix of probabilities exists only for a block of rows; the backward pass makes it again from
// the log of each row's sum (Dao et al. 2022, arXiv:2205.14135, without its blocks of columns: a row fits the cache).
#pragma once
#include "elementwise.h"
#include "gemm.h"

namespace osc {
namespace OSC_ISA {

constexpr int64_t ATTENTION_ROWS = 24;  // a multiple of all tile heights
constexpr float LOG2_E = 1.44269504088896f, LN_2 = 0.69314718055995f;
constexpr float MASKED = -INFINITE;  // the logit of a column that is only padding: never the row's maximum alone

struct Head {
  const float *q, *k, *v;
  int64_t rows, columns, depth;
  int64_t ldq, ldkv;
  float scale;
};

// One head, `[depth, padded(columns)]`: keys or values by column.
OSC_INLINE void pack_columns(const float* x, const Head& h, float* out) { pack(x, 1, h.ldkv, h.depth, h.columns, out); }
OSC_INLINE void pack_rows(const float* x, const Head& h, float* out) { pack(x, h.ldkv, 1, h.columns, h.depth, out); }

OSC_INLINE void mask_padding(float* row, const Head& h) {
  for (int64_t j = h.columns; j < padded(h.columns); j++) row[j] = MASKED;
}

OSC_INLINE void scaled_copy(const float* x, int64_t ld, int64_t n, int64_t depth, float factor, float* out) {
  for (int64_t i = 0; i < n; i++) OSC_FOR(c, k, depth) store_k(out + i * depth + c, load_k(x + i * ld + c, k) * splat(factor), k);
}

// Where the next row of logits begins: not a power of two later, or the rows of a tile share a few sets of the cache.
OSC_INLINE int64_t logits_stride(int64_t columns) { return padded(columns) + 16; }

OSC_INLINE int64_t attention_scratch(int64_t columns, int64_t depth) {
  return depth * padded(columns) + columns * padded(depth) + ATTENTION_ROWS * (logits_stride(columns) + depth + W);
}

// Logits to exponentials, those of padding to 0; their sums, lane by lane, into `sums`.
struct Exponentials {
  int64_t columns;
  float* sums;
  template <int NV>
  OSC_INLINE_MEMBER void operator()(V (&x)[NV], int64_t i, int64_t j) const {
    V total = load(sums + i * W);
#pragma GCC unroll 8
    for (int v = 0; v < NV; v++) x[v] = exp2_small(x[v]);
    if (j + NV * W > columns) x[NV - 1] = first_lanes(x[NV - 1], columns - j - (NV - 1) * W);
#pragma GCC unroll 8
    for (int v = 0; v < NV; v++) total += x[v];
    store(sums + i * W, total);
  }
};

// The square of the longest of `n` vectors; infinite where anything is not finite.
OSC_INLINE float longest(const float* x, int64_t ld, int64_t n, int64_t depth) {
  float most = 0;
  for (int64_t i = 0; i < n; i++) {
    V s = zero();
    OSC_FOR(c, k, depth) s = fma(load_k(x + i * ld + c, k), load_k(x + i * ld + c, k), s);
    const float square = sum(s);
    if (!(square < INFINITE)) return INFINITE;
    if (square > most) most = square;
  }
  return most;
}

// Whether no logit can be so large or small (in units of log 2) that its exponential, or a sum of them, leaves float32:
// then the row's maximum is not needed.
OSC_INLINE bool small_logits(const Head& h) {
  constexpr float LARGEST = 60 / LOG2_E;  // sums have more: 2^40 columns
  const float square = longest(h.q, h.ldq, h.rows, h.depth) * longest(h.k, h.ldkv, h.columns, h.depth) * h.scale * h.scale;
  return square < LARGEST * LARGEST;
}

// Rows of logits to exponentials of what they are below their maximum.
OSC_INLINE void exponentials_of_rows(float* s, const Head& h, int64_t n, float* maxima, float* sums) {
  const int64_t width = padded(h.columns);
  for (int64_t i = 0; i < n; i++) {
    float* const row = s + i * logits_stride(h.columns);
    if (width > h.columns) mask_padding(row, h);
    V m0 = load(row), m1 = m0;
    int64_t j = W;
    for (; j + W < width; j += 2 * W) m0 = max(m0, load(row + j)), m1 = max(m1, load(row + j + W));
    if (j < width) m0 = max(m0, load(row + j));
    const float m = largest(max(m0, m1));
    V total = zero();
    for (j = 0; j < width; j += W) {
      const V e = exp2_small(load(row + j) - splat(m));
      store(row + j, e);
      total += e;
    }
    maxima[i] = m;
    sums[i] = sum(total);
  }
}

// o: rows at `ldo`; lse [rows]: log2 of the sum of exponentials
static void attend_head(const Head& h, float* o, int64_t ldo, float* lse, float* scratch) {
  const int64_t width = padded(h.columns), ld = logits_stride(h.columns), d = h.depth, dp = padded(d);
  float* const k_columns = scratch;
  float* const v_rows = k_columns + d * width;
  float* const s = v_rows + h.columns * dp;
  float* const q = s + ATTENTION_ROWS * ld;
  pack_columns(h.k, h, k_columns);
  pack_rows(h.v, h, v_rows);
  const bool small = small_logits(h);
  for (int64_t r = 0; r < h.rows; r += ATTENTION_ROWS) {
    const int64_t n = h.rows - r < ATTENTION_ROWS ? h.rows - r : ATTENTION_ROWS;
    scaled_copy(h.q + r * h.ldq, h.ldq, n, d, h.scale * LOG2_E, q);
    const Gemm logits{.m = n, .n = width, .k = d, .a = q, .row_a = d, .b = k_columns, .ldb = width, .c = s, .ldc = ld};
    float maxima[ATTENTION_ROWS] = {}, sums[ATTENTION_ROWS];
    if (small) {
      alignas(64) float lanes[ATTENTION_ROWS * W] = {};
      gemm(logits, Exponentials{h.columns, lanes});
      for (int64_t i = 0; i < n; i++) sums[i] = sum(load(lanes + i * W));
    } else {
      gemm(logits);
      exponentials_of_rows(s, h, n, maxima, sums);
    }
    OSC_FOR(i, k, n) {
      const V t = load_k(sums + i, k);
      store_k(lse + r + i, fma(logarithm(t), splat(LOG2_E), load_k(maxima + i, k)), k);
      store_k(sums + i, splat(1.f) / t, k);
    }
    gemm({.m = n, .n = d, .k = h.columns, .a = s, .row_a = ld, .b = v_rows, .ldb = dp, .c = o + r * ldo, .ldc = ldo});
    for (int64_t i = 0; i < n; i++)
      OSC_FOR(c, k, d) store_k(o + (r + i) * ldo + c, load_k(o + (r + i) * ldo + c, k) * splat(sums[i]), k);
  }
}

// Logits to probabilities, by the log of the row's sum.
struct Probabilities {
  const float* lse;
  template <int NV>
  OSC_INLINE_MEMBER void operator()(V (&x)[NV], int64_t i, int64_t) const {
    const V l = splat(lse[i]);
#pragma GCC unroll 8
    for (int v = 0; v < NV; v++) x[v] = exp2_small(x[v] - l);
  }
};
// Gradients of probabilities to those of logits.
struct LogitGradients {
  const float* p;
  int64_t ld;
  const float* offsets;
  template <int NV>
  OSC_INLINE_MEMBER void operator()(V (&x)[NV], int64_t i, int64_t j) const {
    const V offset = splat(offsets[i]);
#pragma GCC unroll 8
    for (int v = 0; v < NV; v++) x[v] = load(p + i * ld + j + v * W) * (x[v] - offset);
  }
};

OSC_INLINE int64_t attention_grad_scratch(int64_t columns, int64_t depth) {
  return 2 * depth * padded(columns) + 3 * columns * padded(depth) + 2 * ATTENTION_ROWS * (logits_stride(columns) + padded(depth) + W);
}

static void attend_head_grad(const Head& h, const float* o, const float* dy, int64_t ldo, const float* lse, float* dq,
                             int64_t lddq, float* dk, float* dv, int64_t lddkv, float* scratch) {
  const int64_t width = padded(h.columns), ld = logits_stride(h.columns), d = h.depth, dp = padded(d);
  float* const k_columns = scratch;
  float* const v_columns = k_columns + d * width;
  float* const k_rows = v_columns + d * width;
  float* const dk_sum = k_rows + h.columns * dp;
  float* const dv_sum = dk_sum + h.columns * dp;
  float* const p = dv_sum + h.columns * dp;
  float* const ds = p + ATTENTION_ROWS * ld;
  float* const q = ds + ATTENTION_ROWS * ld;
  float* const g = q + ATTENTION_ROWS * dp;
  pack_columns(h.k, h, k_columns);
  pack_columns(h.v, h, v_columns);
  pack_rows(h.k, h, k_rows);
  __builtin_memset(dk_sum, 0, sizeof(float) * 2 * (size_t)(h.columns * dp));
  for (int64_t r = 0; r < h.rows; r += ATTENTION_ROWS) {
    const int64_t n = h.rows - r < ATTENTION_ROWS ? h.rows - r : ATTENTION_ROWS;
    for (int64_t i = 0; i < n; i++)
      OSC_FOR(c, k, d) {
        store(q + i * dp + c, load_k(h.q + (r + i) * h.ldq + c, k) * splat(h.scale * LOG2_E));
        store(g + i * dp + c, load_k(dy + (r + i) * ldo + c, k));
      }
    float offsets[ATTENTION_ROWS];  // sums over columns of p * dp, which are those of o * dy
    for (int64_t i = 0; i < n; i++) {
      V along = zero();
      OSC_FOR(c, k, d) along = fma(load_k(o + (r + i) * ldo + c, k), load(g + i * dp + c), along);
      offsets[i] = sum(along);
    }
    // nobody reads the columns of padding
    gemm({.m = n, .n = width, .k = d, .a = q, .row_a = dp, .b = k_columns, .ldb = width, .c = p, .ldc = ld},
         Probabilities{lse + r});
    gemm({.m = n, .n = width, .k = d, .a = g, .row_a = dp, .b = v_columns, .ldb = width, .c = ds, .ldc = ld},
         LogitGradients{p, ld, offsets});
    gemm({.m = n, .n = d, .k = h.columns, .a = ds, .row_a = ld, .b = k_rows, .ldb = dp, .c = dq + r * lddq, .ldc = lddq});
    if (h.scale != 1)
      for (int64_t i = 0; i < n; i++)
        OSC_FOR(c, k, d) store_k(dq + (r + i) * lddq + c, load_k(dq + (r + i) * lddq + c, k) * splat(h.scale), k);
    gemm({.m = h.columns, .n = dp, .k = n, .a = ds, .row_a = 1, .col_a = ld, .b = q, .ldb = dp, .c = dk_sum, .ldc = dp,
          .initial = dk_sum, .ld_initial = dp});
    gemm({.m = h.columns, .n = dp, .k = n, .a = p, .row_a = 1, .col_a = ld, .b = g, .ldb = dp, .c = dv_sum, .ldc = dp,
          .initial = dv_sum, .ld_initial = dp});
  }
  for (int64_t j = 0; j < h.columns; j++)
    OSC_FOR(c, k, d) {
      store_k(dk + j * lddkv + c, load(dk_sum + j * dp + c) * splat(LN_2), k);  // q holds log2(e) as a factor
      store_k(dv + j * lddkv + c, load(dv_sum + j * dp + c), k);
    }
}

// Head h of q is at columns h * depth of its rows; those of sample b begin at b * rows * ldq. k and v likewise.
struct Attention {
  int64_t batch, heads, depth, rows, columns, ldq, ldkv;
  float scale;
  const float *q, *k, *v;

  Head head(int64_t index) const {
    const int64_t b = index / heads, at = index % heads * depth;
    const float *const from_k = k + b * columns * ldkv + at, *const from_v = v + b * columns * ldkv + at;
    return {q + b * rows * ldq + at, from_k, from_v, rows, columns, depth, ldq, ldkv, scale};
  }
};

// Self-attention reads q, k and v from the thirds of one array; cross-attention has q apart, and k and v in halves.
template <class Args>
OSC_INLINE Attention self_attention(const Args& a) {
  const int64_t width = a.heads * a.depth;
  return {a.batch, a.heads, a.depth, a.rows, a.rows, 3 * width, 3 * width, a.scale, a.qkv, a.qkv + width, a.qkv + 2 * width};
}
template <class Args>
OSC_INLINE Attention cross_attention(const Args& a) {
  const int64_t width = a.heads * a.depth;
  return {a.batch, a.heads, a.depth, a.rows, a.columns, width, 2 * width, a.scale, a.q, a.kv, a.kv + width};
}

static void attend(Context& ctx, const Attention& a, float* o, float* lse) {
  const int64_t floats = attention_scratch(a.columns, a.depth), ldo = a.heads * a.depth;
  if (a.batch * a.heads * a.depth * a.rows * a.columns == 0) {  // sums over no columns
    fill(ctx, {.value = 0, .n = a.batch * a.rows * ldo, .y = o});
    return fill(ctx, {.value = -INFINITE, .n = a.batch * a.heads * a.rows, .y = lse});
  }
  float* const scratch = ctx.per_thread(floats);
  if (!scratch) return;
  ctx.parallel(a.batch * a.heads, [&](int64_t i, int thread) {
    const int64_t b = i / a.heads, at = i % a.heads * a.depth;
    attend_head(a.head(i), o + b * a.rows * ldo + at, ldo, lse + i * a.rows, scratch + thread * Context::stride(floats));
  });
}

// What the forward pass has given, and its gradient.
struct Attended {
  const float *o, *dy, *lse;
};

// dk and dv: rows at a.ldkv
static void attend_grad(Context& ctx, const Attention& a, const Attended& y, float* dq, float* dk, float* dv) {
  const int64_t floats = attention_grad_scratch(a.columns, a.depth), ldo = a.heads * a.depth;
  float* const scratch = ctx.per_thread(floats);
  if (!scratch) return;
  ctx.parallel(a.batch * a.heads, [&](int64_t i, int thread) {
    const int64_t b = i / a.heads, at = i % a.heads * a.depth, out = b * a.rows * ldo + at;
    attend_head_grad(a.head(i), y.o + out, y.dy + out, ldo, y.lse + i * a.rows, dq + b * a.rows * a.ldq + at, a.ldq,
                     dk + b * a.columns * a.ldkv + at, dv + b * a.columns * a.ldkv + at, a.ldkv,
                     scratch + thread * Context::stride(floats));
  });
}

static void selfAttention(Context& ctx, const args::selfAttention& a) { attend(ctx, self_attention(a), a.y, a.sums); }

static void selfAttentionGrad(Context& ctx, const args::selfAttentionGrad& a) {
  const int64_t width = a.heads * a.depth;
  attend_grad(ctx, self_attention(a), {a.y, a.dy, a.sums}, a.dqkv, a.dqkv + width, a.dqkv + 2 * width);
}

static void crossAttention(Context& ctx, const args::crossAttention& a) { attend(ctx, cross_attention(a), a.y, a.sums); }

static void crossAttentionGrad(Context& ctx, const args::crossAttentionGrad& a) {
  const int64_t width = a.heads * a.depth;
  if (a.rows * a.columns == 0) {  // one of the two is empty, and the other has no gradient
    fill(ctx, {.value = 0, .n = a.batch * a.rows * width, .y = a.dq});
    return fill(ctx, {.value = 0, .n = a.batch * a.columns * 2 * width, .y = a.dkv});
  }
  attend_grad(ctx, cross_attention(a), {a.y, a.dy, a.sums}, a.dq, a.dkv, a.dkv + width);
}

}  // namespace OSC_ISA
}  // namespace osc
