// Batched matrix products with broadcasting and transposition.
#pragma once
#include "elementwise.h"
#include "linear.h"

namespace osc {
namespace OSC_ISA {

// c[i] = op(a at offsets[2i]) op(b at offsets[2i + 1])
static void matmul(Context& ctx, const args::matmul& m) {
  const float *const a = m.a, *const b = m.b;
  float* const c = m.c;
  const int32_t* const offsets = m.offsets;
  constexpr int64_t DEPTH = 512;  // of K that is packed at once
  const int64_t width = padded(m.n), row_a = m.transposeA ? 1 : m.k, col_a = m.transposeA ? m.m : 1;
  const int64_t row_b = m.transposeB ? 1 : m.n, col_b = m.transposeB ? m.k : 1;
  if (m.batch * m.m * m.n == 0) return;
  if (m.k == 0) return fill(ctx, {.value = 0, .n = m.batch * m.m * m.n, .y = c});

  if (m.batch == 1 && m.k >= 2048 && m.m * m.n <= 65536) {
    // few results of long sums: partial sums over pieces of K
    const int64_t size = m.m * m.n, most = (8 << 20) / size;
    const int64_t parts = most > 64 ? 64 : most, depth = pieces(pieces(m.k, parts), DEPTH) * DEPTH, count = pieces(m.k, depth);
    float *const partial = ctx.shared(0, count * size), *const scratch = ctx.per_thread(DEPTH * width);
    if (!partial || !scratch) return;
    ctx.parallel(count, [&](int64_t piece, int thread) {
      float* const out = partial + piece * size;
      const int64_t end = least(m.k, (piece + 1) * depth);
      for (int64_t l = piece * depth; l < end; l += DEPTH) {
        const int64_t k = least(DEPTH, end - l);
        const float* rows = b + offsets[1] + l * row_b;
        if (col_b != 1 || width != m.n) {
          float* const packed = scratch + thread * Context::stride(DEPTH * width);
          pack(rows, row_b, col_b, k, m.n, packed);
          rows = packed;
        }
        gemm({.m = m.m, .n = m.n, .k = k, .a = a + offsets[0] + l * col_a, .row_a = row_a, .col_a = col_a, .b = rows,
              .ldb = width, .c = out, .ldc = m.n, .initial = l > piece * depth ? out : nullptr, .ld_initial = m.n});
      }
    });
    return add_partial_sums(ctx, partial, size, count, size, c);
  }

  const int64_t block = m.batch >= 16 ? m.m : ROWS, blocks = pieces(m.m, block);
  const bool direct = col_b == 1 && width == m.n, once = !direct && m.batch == 1;
  float* const packed_once = once ? ctx.shared(0, m.k * width) : nullptr;
  float* const scratch = direct || once ? nullptr : ctx.per_thread(DEPTH * width);
  if (ctx.out_of_memory) return;
  if (once) pack(b + offsets[1], row_b, col_b, m.k, m.n, packed_once);
  ctx.parallel(m.batch * blocks, [&](int64_t task, int thread) {
    const int64_t i = task / blocks, r = task % blocks * block, rows = least(block, m.m - r);
    const float *const from_a = a + offsets[2 * i] + r * row_a, *const from_b = b + offsets[2 * i + 1];
    float* const out = c + (i * m.m + r) * m.n;
    for (int64_t l = 0; l < m.k; l += DEPTH) {
      const int64_t k = least(DEPTH, m.k - l);
      const float* panel = from_b + l * m.n;
      if (once) panel = packed_once + l * width;
      else if (!direct) {
        float* const packed = scratch + thread * Context::stride(DEPTH * width);
        pack(from_b + l * row_b, row_b, col_b, k, m.n, packed);
        panel = packed;
      }
      gemm({.m = rows, .n = m.n, .k = k, .a = from_a + l * col_a, .row_a = row_a, .col_a = col_a, .b = panel, .ldb = width,
            .c = out, .ldc = m.n, .initial = l ? out : nullptr, .ld_initial = m.n});
    }
  });
}

}  // namespace OSC_ISA
}  // namespace osc
