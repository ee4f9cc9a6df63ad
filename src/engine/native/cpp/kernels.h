// What kernels.def says, as C++: the arguments of each kernel, and the tables of instruction sets. Sizes and pointers have
// been checked by the time they get to a kernel (ops.cc).
#pragma once
#include <stdint.h>

namespace osc {

class Context;

// Axes, outermost first, with the strides of two arrays. At least one axis; of an elementwise op the last strides are 0 or 1.
struct Strided {
  int rank;
  const int32_t *dims, *strides_a, *strides_b;
};

#define ENUM(name, ...) \
  struct name { \
    enum Kind : int { __VA_ARGS__, COUNT }; \
  };
#include "kernels.def"

// args::NAME: one struct a kernel, with the names of its arguments.
namespace args {
#define KERNEL(name) struct name {
#define SIZE(n) int64_t n;
#define NUMBER(n) float n;
#define FLAG(n) bool n;
#define CHOICE(n, of) of::Kind n;
#define PLAN(n) Strided n;
#define FLOATS(n) const float* n; int64_t n##_length;
#define FLOATS_OUT(n) float* n; int64_t n##_length;
#define IN(n, ...) const float* n;
#define INTS(n, ...) const int32_t* n;
#define OUT(n, ...) float* n;
#define END };
#include "kernels.def"
}  // namespace args

// Of one instruction set. An entry point of a kernel has the name of its line in kernels.def, and its struct.
struct Kernels {
  int width;
  const char* name;
#define KERNEL(name) void (*name)(Context&, const args::name&);
#include "kernels.def"
};

// Each is there on the processors that it is for (kernels.cc is compiled once for each).
extern const Kernels KERNELS_AVX512, KERNELS_AVX2, KERNELS_BASE;

}  // namespace osc
