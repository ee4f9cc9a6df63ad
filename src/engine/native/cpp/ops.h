// What JavaScript can call.
#pragma once
#include "call.h"

namespace osc {

struct Op {
  const char* name;
  void (*run)(Call&);
};
extern const Op OPS[];
extern const int OP_COUNT;

constexpr int MAX_ARGS = 24;

}  // namespace osc
