#pragma once
#include <stdint.h>

namespace osc {

struct Pool;
constexpr int MAX_THREADS = 256;

// `threads` with the caller's. Destroy it in the environment that it was created in, before the process ends.
Pool* pool_create(int threads);
void pool_destroy(Pool* pool);

}  // namespace osc
