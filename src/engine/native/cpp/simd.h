// Vectors of OSC_WIDTH floats. Every file that includes this is compiled once per instruction set, in its namespace.
#pragma once
#include <stddef.h>
#include <stdint.h>
#if OSC_WIDTH == 16 || OSC_WIDTH == 8
#include <immintrin.h>
#elif defined(__wasm__)
#include <wasm_simd128.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace osc {
namespace OSC_ISA {

constexpr int W = OSC_WIDTH;
typedef float V __attribute__((vector_size(4 * OSC_WIDTH)));
typedef int32_t VI __attribute__((vector_size(4 * OSC_WIDTH)));
// what memory holds: any alignment, any declared type
typedef float VMemory __attribute__((vector_size(4 * OSC_WIDTH), aligned(4), may_alias));

#define OSC_INLINE static inline __attribute__((always_inline))

// `n` rounded up to whole vectors
constexpr int64_t padded(int64_t n) { return (n + W - 1) / W * W; }

OSC_INLINE V load(const float* p) { return *(const VMemory*)p; }
OSC_INLINE void store(float* p, V v) { *(VMemory*)p = v; }
OSC_INLINE V splat(float x) { return x - V{}; }
OSC_INLINE V zero() { return V{}; }

// The first n < W floats; the other lanes are zero.
OSC_INLINE V load_part(const float* p, int64_t n) {
#if OSC_WIDTH == 16
  return (V)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#else
  float t[W] = {};
  for (int64_t i = 0; i < n; i++) t[i] = p[i];
  return load(t);
#endif
}
OSC_INLINE void store_part(float* p, V v, int64_t n) {
#if OSC_WIDTH == 16
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#else
  float t[W];
  store(t, v);
  for (int64_t i = 0; i < n; i++) p[i] = t[i];
#endif
}

// a * b + c; one rounding where the hardware has it (the compiler contracts)
OSC_INLINE V fma(V a, V b, V c) {
#if defined(__wasm_relaxed_simd__)
  return (V)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
#else
  return a * b + c;
#endif
}

OSC_INLINE V select(VI mask, V yes, V no) { return (V)((mask & (VI)yes) | (~mask & (VI)no)); }

// The larger; the second where one is NaN.
OSC_INLINE V max(V a, V b) {
#if OSC_WIDTH == 16
  return (V)_mm512_max_ps((__m512)a, (__m512)b);
#elif OSC_WIDTH == 8
  return (V)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__wasm__)
  return (V)wasm_f32x4_pmax((v128_t)b, (v128_t)a);
#elif defined(__SSE2__)
  return (V)_mm_max_ps((__m128)a, (__m128)b);
#else
  return select(a > b, a, b);
#endif
}
OSC_INLINE V min(V a, V b) {
#if OSC_WIDTH == 16
  return (V)_mm512_min_ps((__m512)a, (__m512)b);
#elif OSC_WIDTH == 8
  return (V)_mm256_min_ps((__m256)a, (__m256)b);
#elif defined(__wasm__)
  return (V)wasm_f32x4_pmin((v128_t)b, (v128_t)a);
#elif defined(__SSE2__)
  return (V)_mm_min_ps((__m128)a, (__m128)b);
#else
  return select(a < b, a, b);
#endif
}
OSC_INLINE V absolute(V a) { return (V)((VI)a & 0x7fffffff); }
OSC_INLINE V square_root(V a) {
#if OSC_WIDTH == 16
  return (V)_mm512_sqrt_ps((__m512)a);
#elif OSC_WIDTH == 8
  return (V)_mm256_sqrt_ps((__m256)a);
#elif defined(__wasm__)
  return (V)wasm_f32x4_sqrt((v128_t)a);
#elif defined(__SSE2__)
  return (V)_mm_sqrt_ps((__m128)a);
#else
  V r;
  for (int i = 0; i < W; i++) r[i] = __builtin_sqrtf(a[i]);
  return r;
#endif
}

// Across the lanes, always in the same order.
OSC_INLINE float sum(V v) {
  float t[W];
  store(t, v);
  for (int s = W / 2; s; s /= 2)
    for (int i = 0; i < s; i++) t[i] += t[i + s];
  return t[0];
}
OSC_INLINE float largest(V v) {
  float t[W];
  store(t, v);
  for (int s = W / 2; s; s /= 2)
    for (int i = 0; i < s; i++) t[i] = t[i] > t[i + s] ? t[i] : t[i + s];
  return t[0];
}

// v with zeros in all but the first k lanes
alignas(64) static const int32_t FIRST_LANES[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
OSC_INLINE V first_lanes(V v, int64_t k) { return (V)((VI)v & (VI)load((const float*)(FIRST_LANES + 16 - k))); }

// A row of n floats, vector by vector: `i` where it begins, `k` how many floats it has.
#define OSC_FOR(i, k, n) for (int64_t i = 0, k; i < (n) && (k = (n) - i < W ? (n) - i : W, true); i += W)
OSC_INLINE V first_lanes_k(V v, int64_t k) { return k == W ? v : first_lanes(v, k); }
OSC_INLINE V load_k(const float* p, int64_t k) { return k == W ? load(p) : load_part(p, k); }
OSC_INLINE void store_k(float* p, V v, int64_t k) {
  if (k == W) store(p, v);
  else store_part(p, v, k);
}

}  // namespace OSC_ISA
}  // namespace osc
