// Matrix products of packed panels: the inner loop of nearly everything.
#pragma once
#include "simd.h"

namespace osc {
namespace OSC_ISA {

// A tile of C is ROWS x NV vectors, held in registers over the whole of K. Sizes leave room for NV vectors of B and a
// broadcast of A among 32 (AVX-512) or 16 registers.
constexpr int MAX_NV = W == 16 ? 4 : 2;
constexpr int tile_rows(int nv) {
  if (W == 16) return nv == 1 ? 12 : nv == 2 ? 12 : nv == 3 ? 8 : 6;
  if (W == 8) return nv == 1 ? 12 : 6;
  return nv == 1 ? 8 : 4;
}

struct Gemm {
  int64_t m, n, k;
  const float* a;  // element (i, l) at a[i * row_a + l * col_a]
  int64_t row_a, col_a;
  const float* b;  // row l at b + l * ldb; readable up to padded(n)
  int64_t ldb;
  float* c;
  int64_t ldc;
  const float* bias;     // [n], or null
  const float* initial;  // added to the product: element (i, j) at initial[i * ld_initial + j], or null
  int64_t ld_initial;
};

template <int ROWS, int NV, bool PART>
OSC_INLINE void tile(const Gemm& g, int64_t i0, int64_t j0, int64_t last) {
  V acc[ROWS][NV];
  for (int v = 0; v < NV; v++) {
    const int64_t k = PART && v == NV - 1 ? last : W;
    const V bias = g.bias ? load_k(g.bias + j0 + v * W, k) : zero();
    for (int i = 0; i < ROWS; i++)
      acc[i][v] = g.initial ? bias + load_k(g.initial + (i0 + i) * g.ld_initial + j0 + v * W, k) : bias;
  }
  const float* a = g.a + i0 * g.row_a;
  const float* b = g.b + j0;
  for (int64_t l = 0; l < g.k; l++, a += g.col_a, b += g.ldb) {
    V row[NV];
#pragma GCC unroll 8
    for (int v = 0; v < NV; v++) row[v] = load(b + v * W);
#pragma GCC unroll 16
    for (int i = 0; i < ROWS; i++) {
      const V x = splat(a[i * g.row_a]);
#pragma GCC unroll 8
      for (int v = 0; v < NV; v++) acc[i][v] = fma(x, row[v], acc[i][v]);
    }
  }
  for (int i = 0; i < ROWS; i++)
    for (int v = 0; v < NV; v++) store_k(g.c + (i0 + i) * g.ldc + j0 + v * W, acc[i][v], PART && v == NV - 1 ? last : W);
}

// Rows [i, end) of one panel of columns; what the large tiles leave goes to smaller ones.
template <int ROWS, int NV, bool PART>
static void panel(const Gemm& g, int64_t i, int64_t end, int64_t j0, int64_t last) {
  for (; i + ROWS <= end; i += ROWS) tile<ROWS, NV, PART>(g, i, j0, last);
  if constexpr (ROWS > 1) {
    if (i < end) panel<ROWS / 2, NV, PART>(g, i, end, j0, last);
  }
}

template <int NV>
OSC_INLINE void panel_of(const Gemm& g, int64_t i, int64_t end, int64_t j0, int64_t last) {
  if (last == W) panel<tile_rows(NV), NV, false>(g, i, end, j0, last);
  else panel<tile_rows(NV), NV, true>(g, i, end, j0, last);
}

// c = bias + initial + a b
static void gemm(const Gemm& g) {
  constexpr int64_t BLOCK = 96;  // rows of A that stay in the first cache; a multiple of all tile heights
  for (int64_t i = 0; i < g.m; i += BLOCK) {
    const int64_t end = i + BLOCK < g.m ? i + BLOCK : g.m;
    for (int64_t j = 0; j < g.n;) {
      const int64_t left = g.n - j, vectors = (left + W - 1) / W;
      const int nv = vectors < MAX_NV ? (int)vectors : MAX_NV;
      const int64_t rest = left - (int64_t)(nv - 1) * W, last = rest < W ? rest : W;
      if (nv == 1) panel_of<1>(g, i, end, j, last);
      else if (nv == 2) panel_of<2>(g, i, end, j, last);
#if OSC_WIDTH == 16
      else if (nv == 3) panel_of<3>(g, i, end, j, last);
      else panel_of<4>(g, i, end, j, last);
#endif
      j += (int64_t)nv * W;
    }
  }
}

// [k, n] with any strides → rows of padded(n), zeros behind n.
static void pack(const float* b, int64_t row, int64_t col, int64_t k, int64_t n, float* out) {
  const int64_t width = padded(n);
  if (col == 1) {
    for (int64_t l = 0; l < k; l++) {
      float* o = out + l * width;
      OSC_FOR(j, part, n) store(o + j, load_k(b + l * row + j, part));
    }
    return;
  }
  constexpr int64_t BLOCK = 16;  // lines of the source that are read side by side
  for (int64_t l0 = 0; l0 < k; l0 += BLOCK) {
    const int64_t l1 = l0 + BLOCK < k ? l0 + BLOCK : k;
    for (int64_t j = 0; j < n; j++)
      for (int64_t l = l0; l < l1; l++) out[l * width + j] = b[l * row + j * col];
  }
  if (width > n)
    for (int64_t l = 0; l < k; l++) __builtin_memset(out + l * width + n, 0, sizeof(float) * (size_t)(width - n));
}

// out [n] += column sums of x [rows, n]
static void add_column_sums(const float* x, int64_t ld, int64_t rows, int64_t n, float* out) {
  OSC_FOR(j, k, n) {
    V s = load_k(out + j, k);
    for (int64_t i = 0; i < rows; i++) s += load_k(x + i * ld + j, k);
    store_k(out + j, s, k);
  }
}

}  // namespace OSC_ISA
}  // namespace osc
