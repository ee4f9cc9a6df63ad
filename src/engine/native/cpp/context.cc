#include "context.h"

namespace osc {

float* Context::reserve(Buffer& buffer, int64_t floats) {
  if (floats > (int64_t)(SIZE_MAX / sizeof(float) / 2)) return out_of_memory = true, nullptr;
  const size_t wanted = (size_t)(floats > 0 ? floats : 1) + 16;  // vectors may read a little further
  if (wanted > buffer.floats) {
    deallocate(buffer.data);
    buffer.data = static_cast<float*>(allocate(wanted * sizeof(float)));
    buffer.floats = buffer.data ? wanted : 0;
    if (!buffer.data) out_of_memory = true;
  }
  return buffer.data;
}

float* Context::per_thread(int64_t floats) { return reserve(threads_scratch_, stride(floats) * pool_threads(pool)); }

float* Context::shared(int slot, int64_t floats) { return reserve(shared_[slot], floats); }

void Context::run(int64_t count, void (*task)(void*, int64_t, int), void* data) {
  if (count > 0) pool_run(pool, count, task, data);
}

static void drop(Buffer& buffer, size_t most) {
  if (buffer.floats <= most) return;
  deallocate(buffer.data);
  buffer = Buffer{};
}

void Context::trim() {
  constexpr size_t KEPT = 16 << 20;  // floats of a buffer
  drop(threads_scratch_, KEPT);
  for (Buffer& buffer : shared_) drop(buffer, KEPT);
}

void Context::release() {
  drop(threads_scratch_, 0);
  for (Buffer& buffer : shared_) drop(buffer, 0);
}

}  // namespace osc
