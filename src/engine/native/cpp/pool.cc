// Threads of a native build. They wait for work in a short spin, then asleep.
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <atomic>
#include "pool.h"

namespace osc {

struct Pool {
  int threads = 1;
  pthread_t handles[MAX_THREADS];
  int started = 0;

  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
  std::atomic<uint32_t> generation{0};  // counts jobs
  std::atomic<bool> stopping{false};
  std::atomic<int> busy{0};

  void (*task)(void*, int64_t, int) = nullptr;
  void* data = nullptr;
  int64_t count = 0;
  std::atomic<int64_t> next{0};
};

namespace {

constexpr int SPINS = 4000;  // some 20 to 50 µs: the gap between two kernels of a step

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void work(Pool* p, int thread) {
  for (;;) {
    const int64_t i = p->next.fetch_add(1, std::memory_order_relaxed);
    if (i >= p->count) return;
    p->task(p->data, i, thread);
  }
}

struct Start {
  Pool* pool;
  int thread;
};

void* loop(void* argument) {
  const Start start = *static_cast<Start*>(argument);
  delete static_cast<Start*>(argument);
  Pool* const p = start.pool;
  uint32_t seen = 0;
  for (;;) {
    for (int i = 0; i < SPINS && p->generation.load(std::memory_order_acquire) == seen; i++) pause();
    if (p->generation.load(std::memory_order_acquire) == seen) {
      pthread_mutex_lock(&p->mutex);
      while (p->generation.load(std::memory_order_acquire) == seen) pthread_cond_wait(&p->wake, &p->mutex);
      pthread_mutex_unlock(&p->mutex);
    }
    seen = p->generation.load(std::memory_order_acquire);
    if (p->stopping) return nullptr;
    work(p, start.thread);
    p->busy.fetch_sub(1, std::memory_order_release);
  }
}

void announce(Pool* p) {
  pthread_mutex_lock(&p->mutex);
  p->generation.fetch_add(1, std::memory_order_release);
  pthread_cond_broadcast(&p->wake);
  pthread_mutex_unlock(&p->mutex);
}

}  // namespace

Pool* pool_create(int threads) {
  Pool* const p = new Pool;
  for (int i = 1; i < threads && i < MAX_THREADS; i++) {
    // Where the system gives no more threads, fewer do: results are the same.
    if (pthread_create(&p->handles[p->started], nullptr, loop, new Start{p, i}) != 0) break;
    p->started++;
  }
  p->threads = p->started + 1;
  return p;
}

void pool_destroy(Pool* p) {
  p->stopping = true;
  announce(p);
  for (int i = 0; i < p->started; i++) pthread_join(p->handles[i], nullptr);
  delete p;
}

int pool_threads(const Pool* p) { return p->threads; }

void pool_run(Pool* p, int64_t count, void (*task)(void*, int64_t, int), void* data) {
  if (p->started == 0 || count == 1) {
    for (int64_t i = 0; i < count; i++) task(data, i, 0);
    return;
  }
  p->task = task, p->data = data, p->count = count;
  p->next.store(0, std::memory_order_relaxed);
  p->busy.store(p->started, std::memory_order_relaxed);
  announce(p);
  work(p, 0);
  for (int i = 0; p->busy.load(std::memory_order_acquire) != 0; i++) {
    if (i < SPINS) pause();
    else sched_yield();
  }
}

void* allocate(size_t bytes) {
  void* memory = nullptr;
  return posix_memalign(&memory, 64, bytes) == 0 ? memory : nullptr;
}
void deallocate(void* memory) { free(memory); }

}  // namespace osc
