// Elementary functions on vectors. NaN stays NaN, infinities do as in the C library.
#pragma once
#include "simd.h"

namespace osc {
namespace OSC_ISA {

constexpr float INFINITE = __builtin_inff();

// 2^f for f in [-1/2, 1/2], relative error below 1e-7. Least maximum error of degree 5 with constant term 1.
OSC_INLINE V exp2_fraction(V f) {
  V p = splat(1.326472776e-3f);
  p = fma(p, f, splat(9.671512672e-3f));
  p = fma(p, f, splat(5.550733741e-2f));
  p = fma(p, f, splat(2.402224208e-1f));
  p = fma(p, f, splat(6.931469776e-1f));
  return fma(p, f, splat(1.f));
}

// 2^x for x <= 0, or a little above (no overflow): what a softmax needs. Below 2^-126 it may be 0.
OSC_INLINE V exp2_small(V x) {
#if OSC_WIDTH == 16
  const __m512 n = _mm512_roundscale_ps((__m512)x, 0);
  return (V)_mm512_scalef_ps((__m512)exp2_fraction(x - (V)n), n);
#else
  const V bounded = max(splat(-126.f), x);
  const V shifted = bounded + splat(12582912.f);  // 1.5 * 2^23: the integer part is now in the low bits
  const V p = exp2_fraction(bounded - (shifted - splat(12582912.f)));
  return p * (V)(((VI)shifted << 23) + 0x3f800000);  // a product: NaN stays NaN
#endif
}

// e^x, whole range.
OSC_INLINE V exponential(V x) {
  const V bounded = min(splat(88.8f), max(splat(-87.3f), x));
  const V shifted = fma(bounded, splat(1.44269504f), splat(12582912.f));
  const V n = shifted - splat(12582912.f);
  V r = fma(n, splat(-0.693359375f), bounded);  // ln 2 in two parts (Cody and Waite)
  r = fma(n, splat(2.12194440e-4f), r);
  V p = splat(1.9875691500e-4f);
  p = fma(p, r, splat(1.3981999507e-3f));
  p = fma(p, r, splat(8.3334519073e-3f));
  p = fma(p, r, splat(4.1665795894e-2f));
  p = fma(p, r, splat(1.6666665459e-1f));
  p = fma(p, r, splat(5.0000001201e-1f));
  p = fma(p, r * r, r) + splat(1.f);
  // in two factors, so that 2^128 does not overflow on its way to a finite product
  const VI e = ((VI)shifted << 9) >> 9;  // the low bits with their sign
  const VI e1 = e >> 1, e2 = e - e1;
  V y = p * (V)((e1 + 127) << 23) * (V)((e2 + 127) << 23);
  y = select(x < splat(-87.3f), zero(), y);
  y = select(x > splat(88.72284f), splat(INFINITE), y);
  return select(x == x, y, x);
}

// ln x: 0 gives -Infinity, less than 0 NaN.
OSC_INLINE V logarithm(V x) {
  const VI tiny = x < splat(1.17549435e-38f);
  const V scaled = select(tiny, x * splat(8388608.f), x);  // subnormal numbers
  const VI bits = (VI)scaled;
  VI e = ((bits >> 23) & 0xff) - 126;
  V m = (V)((bits & 0x007fffff) | 0x3f000000);  // in [1/2, 1)
  const VI low = m < splat(0.707106781f);
  e = e + low;  // a true lane is -1
  m = m + select(low, m, zero()) - splat(1.f);
  const V z = m * m;
  V p = splat(7.0376836292e-2f);
  p = fma(p, m, splat(-1.1514610310e-1f));
  p = fma(p, m, splat(1.1676998740e-1f));
  p = fma(p, m, splat(-1.2420140846e-1f));
  p = fma(p, m, splat(1.4249322787e-1f));
  p = fma(p, m, splat(-1.6668057665e-1f));
  p = fma(p, m, splat(2.0000714765e-1f));
  p = fma(p, m, splat(-2.4999993993e-1f));
  p = fma(p, m, splat(3.3333331174e-1f));
  const V n = __builtin_convertvector(e, V) - select(tiny, splat(23.f), zero());
  V y = m * z * p;
  y = fma(n, splat(-2.12194440e-4f), y);
  y = fma(z, splat(-0.5f), y) + m;
  y = fma(n, splat(0.693359375f), y);
  y = select(x == splat(INFINITE), x, y);
  y = select(x == zero(), splat(-INFINITE), y);
  return select((x < zero()) | (x != x), splat(__builtin_nanf("")), y);
}

OSC_INLINE V sigmoid(V x) { return splat(1.f) / (splat(1.f) + exponential(-x)); }

OSC_INLINE V hyperbolic_tangent(V x) {
  const V a = absolute(x);
  const V e = exponential(a * splat(-2.f));
  const V r = (splat(1.f) - e) / (splat(1.f) + e);
  const V x2 = x * x;
  const V series = x * fma(x2, fma(x2, splat(0.133333333f), splat(-0.333333333f)), splat(1.f));
  return select(a < splat(0.06f), series, select(x < zero(), -r, r));
}

// erf and e^(-x²) of |x|. Abramowitz and Stegun 7.1.26, absolute error 1.5e-7: as tfjs's cpu backend.
struct ErfParts {
  V erfc, gaussian;
};
OSC_INLINE ErfParts erfc_of_positive(V a) {
  const V t = splat(1.f) / fma(a, splat(0.3275911f), splat(1.f));
  V p = splat(1.061405429f);
  p = fma(p, t, splat(-1.453152027f));
  p = fma(p, t, splat(1.421413741f));
  p = fma(p, t, splat(-0.284496736f));
  p = fma(p, t, splat(0.254829592f));
  const V gaussian = exp2_small(a * a * splat(-1.44269504f));
  return {p * t * gaussian, gaussian};
}
OSC_INLINE V error_function(V x) {
  const V a = min(splat(10.f), absolute(x));
  const V y = splat(1.f) - erfc_of_positive(a).erfc;
  return select(x == x, select(x < zero(), -y, y), x);
}

// x Φ(x) and its derivative.
struct Gelu {
  V value, slope;
};
OSC_INLINE Gelu gelu(V x) {
  const V magnitude = min(splat(20.f), absolute(x));  // beyond, the tails are 0 and 1
  const ErfParts parts = erfc_of_positive(magnitude * splat(0.70710678f));
  const V tail = parts.erfc * splat(0.5f);
  const V cdf = select(x < zero(), tail, splat(1.f) - tail);
  const V positive = x - min(x, zero());  // NaN for -Infinity, as the product of it and 0 is
  return {positive - magnitude * tail, fma(x * splat(0.39894228f), parts.gaussian, cdf) + (x - x) * splat(0.f)};
}

}  // namespace OSC_ISA
}  // namespace osc
