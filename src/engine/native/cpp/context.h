// What an op runs with: threads and scratch memory. One context an environment (a worker thread of Node has its own).
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace osc {

struct Kernels;
struct Pool;

struct Buffer {
  float* data = nullptr;
  size_t floats = 0;
};

class Context {
 public:
  const Kernels* kernels = nullptr;
  Pool* pool = nullptr;
  bool out_of_memory = false;

  // Calls f(index, thread) for every index below count, on any thread, in any order: an index must write only what is its
  // own, so that results do not depend on the number of threads.
  template <class F>
  void parallel(int64_t count, F f) {
    run(count, [](void* task, int64_t index, int thread) { (*static_cast<F*>(task))(index, thread); }, &f);
  }

  // Scratch of `floats` for each thread: that of thread t begins at t * stride(floats). Null, with `out_of_memory` set,
  // where there is none. Valid until the next call.
  float* per_thread(int64_t floats);
  static int64_t stride(int64_t floats) { return (floats + 31) / 16 * 16; }

  // Scratch that all threads see; `slot` tells those of one op apart.
  static constexpr int SHARED_SLOTS = 4;
  float* shared(int slot, int64_t floats);

  // Frees scratch that is too large to keep.
  void trim();
  void release();

 private:
  void run(int64_t count, void (*task)(void*, int64_t, int), void* data);
  float* reserve(Buffer& buffer, int64_t floats);
  Buffer threads_scratch_;
  Buffer shared_[SHARED_SLOTS];
};

// Implemented for each platform.
int pool_threads(const Pool* pool);
void pool_run(Pool* pool, int64_t count, void (*task)(void*, int64_t, int), void* data);
void* allocate(size_t bytes);  // 64-byte aligned, or null
void deallocate(void* memory);

// Fixed pieces of [0, total): `size` of them a piece.
inline int64_t pieces(int64_t total, int64_t size) { return (total + size - 1) / size; }

}  // namespace osc
