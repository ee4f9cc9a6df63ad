// The addon: Node-API version 8, one context an environment (the main thread, each worker thread).
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#include <new>
#include "kernels.h"
#include "ops.h"
#include "pool.h"
#if defined(__linux__)
#include <sys/mman.h>
#endif

#ifndef OSC_SOURCE_HASH
#error "OSC_SOURCE_HASH: the hash of the sources, which install.mjs passes"
#endif

namespace osc {

namespace {

void dispose(void* data) {
  Context* const ctx = static_cast<Context*>(data);
  if (ctx->pool) pool_destroy(ctx->pool);
  ctx->release();
  delete ctx;
}

Context* context_of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Context*>(data);
}

Arg argument(napi_env env, napi_value value) {
  Arg arg{};
  napi_valuetype type;
  if (napi_typeof(env, value, &type) != napi_ok) type = napi_symbol;
  arg.kind = ARG_OTHER;
  if (type == napi_undefined || type == napi_null) {
    arg.kind = ARG_NONE;
  } else if (type == napi_number) {
    arg.kind = ARG_NUMBER;
    napi_get_value_double(env, value, &arg.number);
  } else if (type == napi_boolean) {
    bool b = false;
    napi_get_value_bool(env, value, &b);
    arg.kind = ARG_NUMBER;
    arg.number = b;
  } else if (type == napi_object) {
    bool typed = false;
    napi_is_typedarray(env, value, &typed);
    napi_typedarray_type of;
    if (typed && napi_get_typedarray_info(env, value, &of, &arg.length, &arg.data, nullptr, nullptr) == napi_ok) {
      if (of == napi_float32_array) arg.kind = ARG_FLOATS;
      else if (of == napi_int32_array) arg.kind = ARG_INTS;
    }
  }
  return arg;
}

napi_value call(napi_env env, napi_callback_info info) {
  napi_value values[MAX_ARGS];
  size_t count = MAX_ARGS;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, values, nullptr, &data) != napi_ok) return nullptr;
  const Op* const op = static_cast<const Op*>(data);
  Context* const ctx = context_of(env);
  if (!ctx->pool) return napi_throw_error(env, nullptr, "Call init before any op."), nullptr;
  Arg args[MAX_ARGS];
  const int given = (int)(count < (size_t)MAX_ARGS ? count : MAX_ARGS);
  for (int i = 0; i < given; i++) args[i] = argument(env, values[i]);
  Call c(*ctx, op->name, args, given);
  op->run(c);
  if (c.error()[0]) napi_throw_type_error(env, nullptr, c.error());
  else if (ctx->out_of_memory) napi_throw_error(env, "ENOMEM", "Out of memory.");
  ctx->out_of_memory = false;
  ctx->trim();
  return nullptr;
}

bool supported(const Kernels& k) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (k.width == 16)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
  if (k.width == 8) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return k.width == 4;
}

const Kernels* const ALL[] = {
#if defined(__x86_64__)
    &KERNELS_AVX512, &KERNELS_AVX2,
#endif
    &KERNELS_BASE};

napi_value string(napi_env env, const char* text) {
  napi_value value = nullptr;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

// instructionSets() → names of those that this processor has, best first
napi_value instruction_sets(napi_env env, napi_callback_info) {
  napi_value list = nullptr;
  napi_create_array(env, &list);
  uint32_t n = 0;
  for (const Kernels* k : ALL)
    if (supported(*k)) napi_set_element(env, list, n++, string(env, k->name));
  return list;
}

// init(threads, instructionSet) → threads that there are; also changes them
napi_value init(napi_env env, napi_callback_info info) {
  napi_value values[2];
  size_t count = 2;
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  double threads = 0;
  char name[16] = {};
  if (count < 2 || napi_get_value_double(env, values[0], &threads) != napi_ok || !(threads >= 1 && threads <= MAX_THREADS))
    return napi_throw_type_error(env, nullptr, "init: threads must be a number from 1 to 256."), nullptr;
  if (napi_get_value_string_utf8(env, values[1], name, sizeof name, nullptr) != napi_ok)
    return napi_throw_type_error(env, nullptr, "init: instructionSet must be a string."), nullptr;
  Context* const ctx = context_of(env);
  const Kernels* chosen = nullptr;
  for (const Kernels* k : ALL)
    if (supported(*k) && strcmp(k->name, name) == 0) chosen = k;
  if (!chosen) return napi_throw_type_error(env, nullptr, "init: this processor has no such instruction set."), nullptr;
  if (ctx->pool) pool_destroy(ctx->pool);
  ctx->release();  // its size depends on the number of threads
  ctx->kernels = chosen;
  ctx->pool = pool_create((int)threads);
  napi_value result = nullptr;
  napi_create_int32(env, pool_threads(ctx->pool), &result);
  return result;
}

void free_memory(napi_env, void* memory, void*) { free(memory); }

// memory(bytes) → ArrayBuffer, its content arbitrary
napi_value memory(napi_env env, napi_callback_info info) {
  napi_value value;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &value, nullptr, nullptr);
  double bytes = 0;
  if (count < 1 || napi_get_value_double(env, value, &bytes) != napi_ok || !(bytes >= 0 && bytes <= 4294967296.0))
    return napi_throw_type_error(env, nullptr, "memory: bytes must be a number from 0 to 2^32."), nullptr;
  constexpr size_t HUGE_PAGE = 2 << 20;
  void* block = nullptr;
  const size_t size = ((size_t)bytes + HUGE_PAGE) / HUGE_PAGE * HUGE_PAGE;
  if (posix_memalign(&block, HUGE_PAGE, size) != 0) return napi_throw_error(env, "ENOMEM", "Out of memory."), nullptr;
#if defined(__linux__)
  madvise(block, size, MADV_HUGEPAGE);
#endif
  napi_value result = nullptr;
  if (napi_create_external_arraybuffer(env, block, (size_t)bytes, free_memory, nullptr, &result) != napi_ok) {
    free(block);
    return napi_throw_error(env, nullptr, "This runtime has no external array buffers."), nullptr;
  }
  return result;
}

void export_function(napi_env env, napi_value exports, const char* name, napi_callback f, const void* data) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, f, const_cast<void*>(data), &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

}  // namespace osc

NAPI_MODULE_INIT() {
  using namespace osc;
  Context* const ctx = new Context;
  napi_set_instance_data(env, ctx, nullptr, nullptr);
  // Here and not in the instance data's finalizer: threads must be gone before the environment is.
  napi_add_env_cleanup_hook(env, dispose, ctx);
  for (int i = 0; i < OP_COUNT; i++) export_function(env, exports, OPS[i].name, call, &OPS[i]);
  export_function(env, exports, "init", init, nullptr);
  export_function(env, exports, "memory", memory, nullptr);
  export_function(env, exports, "instructionSets", instruction_sets, nullptr);
  napi_set_named_property(env, exports, "sourceHash", string(env, OSC_SOURCE_HASH));
  return exports;
}
