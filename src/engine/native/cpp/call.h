// The arguments of a call from JavaScript, and their checks. Sizes come first, arrays after them: an array is asked for
// with the shape that it must have. The first thing wrong is kept as a message; what follows does nothing.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "context.h"

namespace osc {

enum ArgKind : int32_t { ARG_NONE, ARG_NUMBER, ARG_FLOATS, ARG_INTS, ARG_OTHER };

// Also written by the WebAssembly engine, field by field.
struct Arg {
  double number;
  void* data;
  size_t length;  // elements
  int32_t kind;
  int32_t reserved;
};

struct Shape {
  int rank;
  int64_t dims[4];
  Shape() : rank(0), dims{} {}
  Shape(int64_t a) : rank(1), dims{a} {}
  Shape(int64_t a, int64_t b) : rank(2), dims{a, b} {}
  Shape(int64_t a, int64_t b, int64_t c) : rank(3), dims{a, b, c} {}
  Shape(int64_t a, int64_t b, int64_t c, int64_t d) : rank(4), dims{a, b, c, d} {}
};

class Call {
 public:
  Call(Context& context, const char* op, const Arg* args, int count) : ctx(context), op_(op), args_(args), count_(count) {}

  Context& ctx;
  // What is wrong, or empty.
  const char* error() const { return error_; }
  // All arguments taken, nothing wrong, no result lies over another argument.
  bool ready();
  // Ready, and a result has numbers: two thousand million rows of width 0 are not looped over.
  bool to_do() { return ready() && has_results_; }

  int64_t size(const char* name);  // a whole number from 0 to 2^31 - 1
  int choice(const char* name, int count);
  bool flag(const char* name) { return choice(name, 2) == 1; }
  float number(const char* name);

  const float* in(const char* name, Shape shape) { return array(name, shape, ARG_FLOATS, false, false); }
  const float* in_or_null(const char* name, Shape shape) { return array(name, shape, ARG_FLOATS, true, false); }
  float* out(const char* name, Shape shape) { return array(name, shape, ARG_FLOATS, false, true); }
  float* out_or_null(const char* name, Shape shape) { return array(name, shape, ARG_FLOATS, true, true); }
  const int32_t* ints(const char* name, Shape shape) {
    return reinterpret_cast<const int32_t*>(array(name, shape, ARG_INTS, false, false));
  }
  // Of any length, which is asked for separately.
  const float* floats(const char* name) { return any(name, ARG_FLOATS, false); }
  float* floats_out(const char* name) { return any(name, ARG_FLOATS, true); }
  const int32_t* ints(const char* name) { return reinterpret_cast<const int32_t*>(any(name, ARG_INTS, false)); }
  int64_t length() const { return length_; }  // of the array asked for last

  void fail(const char* name, const char* problem);

 private:
  const Arg* next(const char* name);
  float* array(const char* name, Shape shape, ArgKind kind, bool may_be_null, bool is_result);
  float* any(const char* name, ArgKind kind, bool is_result);
  void fail_kind(const char* name, ArgKind wanted, const Arg& got);

  const char* op_;
  const Arg* args_;
  int count_, next_ = 0;
  int64_t length_ = 0;
  uint32_t results_ = 0;  // a bit an argument
  bool has_results_ = false;
  char error_[256] = {};
};

}  // namespace osc
