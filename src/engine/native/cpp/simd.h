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
#define OSC_INLINE_MEMBER inline __attribute__((always_inline))

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

// a * b, rounded, whatever is done with it next (the compiler must not contract)
OSC_INLINE V rounded_product(V a, V b) {
  V product = a * b;
#if defined(__x86_64__)
  __asm__("" : "+v"(product));
#elif defined(__aarch64__)
  __asm__("" : "+w"(product));
#endif
  return product;
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

// Across the lanes, always in the same order: halves are folded onto each other.
#if OSC_WIDTH == 4
OSC_INLINE float sum(V v) { return (v[0] + v[2]) + (v[1] + v[3]); }
OSC_INLINE float largest(V v) {
  const float a = v[0] > v[2] ? v[0] : v[2], b = v[1] > v[3] ? v[1] : v[3];
  return a > b ? a : b;
}
#else
#if OSC_WIDTH == 16
#define OSC_FOLD_TO_EIGHT(f, v) f(_mm512_castps512_ps256((__m512)v), _mm512_extractf32x8_ps((__m512)v, 1))
#else
#define OSC_FOLD_TO_EIGHT(f, v) (__m256)v
#endif
OSC_INLINE float sum(V v) {
  const __m256 eight = OSC_FOLD_TO_EIGHT(_mm256_add_ps, v);
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_shuffle_ps(four, four, 1)));
}
OSC_INLINE float largest(V v) {
  const __m256 eight = OSC_FOLD_TO_EIGHT(_mm256_max_ps, v);
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(four, _mm_shuffle_ps(four, four, 1)));
}
#endif

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
