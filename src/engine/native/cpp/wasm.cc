// The WebAssembly form: what takes the place of pool.cc and binding.cc. Memory is shared; JavaScript hands it out, and runs
// the same module in worker threads, which wait in osc_worker. src/engine/wasm has the other side.
#include "kernels.h"
#include "ops.h"
#include "pool.h"

extern "C" {
// bytes → place in memory (64-byte aligned), or 0. Called by the first thread alone.
__attribute__((import_module("osc"), import_name("allocate"))) void* osc_allocate(size_t bytes);
__attribute__((import_module("osc"), import_name("deallocate"))) void osc_deallocate(void* memory);
}

namespace osc {

struct Pool {
  int threads = 1;
  int32_t generation = 0;  // counts jobs
  int32_t busy = 0;
  int64_t next = 0;
  int64_t count = 0;
  void (*task)(void*, int64_t, int) = nullptr;
  void* data = nullptr;
};

namespace {

Pool the_pool;
Context the_context;
Arg the_args[MAX_ARGS];
char the_message[256];

constexpr int SPINS = 2000;

void work(int thread) {
  for (;;) {
    const int64_t i = __atomic_fetch_add(&the_pool.next, 1, __ATOMIC_RELAXED);
    if (i >= the_pool.count) return;
    the_pool.task(the_pool.data, i, thread);
  }
}

}  // namespace

int pool_threads(const Pool* p) { return p->threads; }

void pool_run(Pool* p, int64_t count, void (*task)(void*, int64_t, int), void* data) {
  if (p->threads == 1 || count == 1) {
    for (int64_t i = 0; i < count; i++) task(data, i, 0);
    return;
  }
  p->task = task, p->data = data, p->count = count;
  __atomic_store_n(&p->next, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&p->busy, p->threads - 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&p->generation, 1, __ATOMIC_RELEASE);
  __builtin_wasm_memory_atomic_notify(&p->generation, (unsigned)p->threads);
  work(0);
  for (;;) {
    int32_t left = 0;
    for (int i = 0; i < SPINS && (left = __atomic_load_n(&p->busy, __ATOMIC_ACQUIRE)) != 0; i++) {}
    if (left == 0) return;
    __builtin_wasm_memory_atomic_wait32(&p->busy, left, 1000000);  // at most a millisecond
  }
}

void* allocate(size_t bytes) { return osc_allocate(bytes); }
void deallocate(void* memory) {
  if (memory) osc_deallocate(memory);
}

}  // namespace osc

using namespace osc;

#define OSC_EXPORT(name) extern "C" __attribute__((export_name(name)))

// Before any call, and while no thread is in osc_worker; `threads` with the first.
OSC_EXPORT("init") void osc_init(int threads) {
  the_pool.threads = threads;
  the_pool.generation = 0;  // as new threads expect it
  the_context.release();    // its size depends on the number of threads
  the_context.pool = &the_pool;
  the_context.kernels = &KERNELS_BASE;
}

OSC_EXPORT("worker") void osc_worker(int thread) {
  int32_t seen = 0;
  for (;;) {
    int32_t now = seen;
    for (int i = 0; i < SPINS && (now = __atomic_load_n(&the_pool.generation, __ATOMIC_ACQUIRE)) == seen; i++) {}
    if (now == seen) {
      __builtin_wasm_memory_atomic_wait32(&the_pool.generation, seen, -1);
      continue;
    }
    seen = now;
    work(thread);
    if (__atomic_sub_fetch(&the_pool.busy, 1, __ATOMIC_RELEASE) == 0) __builtin_wasm_memory_atomic_notify(&the_pool.busy, 1);
  }
}

// MAX_ARGS of: float64 number, uint32 place, uint32 length, int32 kind, 4 bytes unused
OSC_EXPORT("args") Arg* osc_args() { return the_args; }
OSC_EXPORT("message") const char* osc_message() { return the_message; }
OSC_EXPORT("opCount") int osc_op_count() { return OP_COUNT; }
OSC_EXPORT("opName") const char* osc_op_name(int op) { return OPS[op].name; }

// 0: done; 1: an argument is wrong, see message; 2: out of memory
OSC_EXPORT("call") int osc_call(int op, int count) {
  Call c(the_context, OPS[op].name, the_args, count);
  OPS[op].run(c);
  int status = 0;
  if (c.error()[0]) {
    for (size_t i = 0; i < sizeof the_message; i++) the_message[i] = c.error()[i];
    status = 1;
  } else if (the_context.out_of_memory) {
    status = 2;
  }
  the_context.out_of_memory = false;
  the_context.trim();
  return status;
}
