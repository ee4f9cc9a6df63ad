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

// The operands of a product [m, k] by [k, n]. Name them where a product is asked for: { .m = …, .n = …, … }.
struct Gemm {
  int64_t m, n, k;
  const float* a;  // element (i, l) at a[i * row_a + l * col_a]
  int64_t row_a;
  int64_t col_a = 1;
  const float* b;  // row l at b + l * ldb; readable up to padded(n)
  int64_t ldb;
  float* c;  // row i at c + i * ldc
  int64_t ldc;
  const float* bias = nullptr;     // [n]
  const float* initial = nullptr;  // added to the product: element (i, j) at initial[i * ld_initial + j]
  int64_t ld_initial = 0;
};

// What becomes of the NV vectors of results at (i, j) on their way from registers to memory.
struct AsTheyAre {
  template <int NV>
  OSC_INLINE_MEMBER void operator()(V (&)[NV], int64_t, int64_t) const {}
};

// Loops are unrolled by pragma, else the compiler keeps `acc` in memory. START: there is a bias or an initial value.
template <int ROWS, int NV, bool PART, bool START, class Finish>
OSC_INLINE void tile(const Gemm& g, const Finish& finish, int64_t i0, int64_t j0, int64_t last) {
  V acc[ROWS][NV];
  if constexpr (START) {
#pragma GCC unroll 8
    for (int v = 0; v < NV; v++) {
      const int64_t k = PART && v == NV - 1 ? last : W;
      const V bias = g.bias ? load_k(g.bias + j0 + v * W, k) : zero();
#pragma GCC unroll 16
      for (int i = 0; i < ROWS; i++)
        acc[i][v] = g.initial ? bias + load_k(g.initial + (i0 + i) * g.ld_initial + j0 + v * W, k) : bias;
    }
  } else {
#pragma GCC unroll 16
    for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 8
      for (int v = 0; v < NV; v++) acc[i][v] = zero();
  }
  const int64_t row_a = g.row_a, col_a = g.col_a, ldb = g.ldb;
  const float* a = g.a + i0 * row_a;
  const float* b = g.b + j0;
#ifdef __wasm__
#pragma clang loop unroll(disable)
#endif
  for (int64_t l = g.k; l > 0; l--, a += col_a, b += ldb) {
    V row[NV];
#pragma GCC unroll 8
    for (int v = 0; v < NV; v++) row[v] = load(b + v * W);
#pragma GCC unroll 16
    for (int i = 0; i < ROWS; i++) {
      const V x = splat(a[i * row_a]);
#pragma GCC unroll 8
      for (int v = 0; v < NV; v++) acc[i][v] = fma(x, row[v], acc[i][v]);
    }
  }
  float* c = g.c + i0 * g.ldc + j0;
#pragma GCC unroll 16
  for (int i = 0; i < ROWS; i++) {
    finish(acc[i], i0 + i, j0);
#pragma GCC unroll 8
    for (int v = 0; v < NV; v++) store_k(c + v * W, acc[i][v], PART && v == NV - 1 ? last : W);
    c += g.ldc;
  }
}

// Rows [i, end) of one panel of columns; what the large tiles leave goes to smaller ones.
template <int ROWS, int NV, bool PART, bool START, class Finish>
static __attribute__((noinline)) void panel(const Gemm& g, const Finish& finish, int64_t i, int64_t end, int64_t j0, int64_t last) {
  for (; i + ROWS <= end; i += ROWS) tile<ROWS, NV, PART, START>(g, finish, i, j0, last);
  if constexpr (ROWS > 1) {
    if (i < end) panel<ROWS / 2, NV, PART, START>(g, finish, i, end, j0, last);
  }
}

template <int NV, class Finish>
OSC_INLINE void panel_of(const Gemm& g, const Finish& finish, int64_t i, int64_t end, int64_t j0, int64_t last) {
  constexpr int ROWS = tile_rows(NV);
  if (g.bias || g.initial) {
    if (last == W) panel<ROWS, NV, false, true>(g, finish, i, end, j0, last);
    else panel<ROWS, NV, true, true>(g, finish, i, end, j0, last);
  } else {
    if (last == W) panel<ROWS, NV, false, false>(g, finish, i, end, j0, last);
    else panel<ROWS, NV, true, false>(g, finish, i, end, j0, last);
  }
}

// c = finish(bias + initial + a b)
template <class Finish>
OSC_INLINE void gemm(const Gemm& g, const Finish& finish) {
  constexpr int64_t BLOCK = 96;  // rows of A that stay in the first cache; a multiple of all tile heights
  for (int64_t i = 0; i < g.m; i += BLOCK) {
    const int64_t end = i + BLOCK < g.m ? i + BLOCK : g.m;
    for (int64_t j = 0; j < g.n;) {
      const int64_t left = g.n - j, vectors = (left + W - 1) / W;
      const int nv = vectors < MAX_NV ? (int)vectors : MAX_NV;
      const int64_t rest = left - (int64_t)(nv - 1) * W, last = rest < W ? rest : W;
      if (nv == 1) panel_of<1>(g, finish, i, end, j, last);
      else if (nv == 2) panel_of<2>(g, finish, i, end, j, last);
#if OSC_WIDTH == 16
      else if (nv == 3) panel_of<3>(g, finish, i, end, j, last);
      else panel_of<4>(g, finish, i, end, j, last);
#endif
      j += (int64_t)nv * W;
    }
  }
}

static void gemm(const Gemm& g) { gemm(g, AsTheyAre{}); }

typedef float F4 __attribute__((vector_size(16)));
typedef float F4Memory __attribute__((vector_size(16), aligned(4), may_alias));

// y (rows at ldy) = the transpose of x (rows at ldx), 4 x 4
OSC_INLINE void transpose4(const float* x, int64_t ldx, float* y, int64_t ldy) {
#if defined(__clang__) || __GNUC__ >= 12
  const F4 r0 = *(const F4Memory*)x, r1 = *(const F4Memory*)(x + ldx);
  const F4 r2 = *(const F4Memory*)(x + 2 * ldx), r3 = *(const F4Memory*)(x + 3 * ldx);
  const F4 a = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), b = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  const F4 c = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), d = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  *(F4Memory*)y = __builtin_shufflevector(a, c, 0, 1, 4, 5);
  *(F4Memory*)(y + ldy) = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  *(F4Memory*)(y + 2 * ldy) = __builtin_shufflevector(b, d, 0, 1, 4, 5);
  *(F4Memory*)(y + 3 * ldy) = __builtin_shufflevector(b, d, 2, 3, 6, 7);
#else
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++) y[i * ldy + j] = x[j * ldx + i];
#endif
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
  int64_t l0 = 0;
  if (row == 1) {  // a transpose, in squares of four
    for (; l0 + 4 <= k; l0 += 4) {
      int64_t j = 0;
      for (; j + 4 <= n; j += 4) transpose4(b + l0 + j * col, col, out + l0 * width + j, width);
      for (; j < n; j++)
        for (int64_t l = l0; l < l0 + 4; l++) out[l * width + j] = b[l + j * col];
    }
  }
  for (int64_t l = l0; l < k; l++)
    for (int64_t j = 0; j < n; j++) out[l * width + j] = b[l * row + j * col];
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
