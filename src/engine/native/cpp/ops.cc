// The functions that JavaScript calls. Each takes its arguments in the order of kernels.def, checks them, and runs the kernel.
#include "ops.h"
#include "kernels.h"

namespace osc {

namespace {

// dimensions, then as many strides of the first array, then of the second
Strided strided(Call& c, const char* name) {
  const int32_t* const plan = c.ints(name);
  const int64_t length = c.length();
  if (length == 0 || length % 3 != 0 || length > 3 * 16) c.fail(name, "must have three numbers an axis, of 1 to 16 axes");
  for (int64_t i = 0; plan && i < length; i++)
    if (plan[i] < 0) c.fail(name, "must not have negative numbers");
  const int rank = (int)(length / 3);
  return {rank, plan, plan + rank, plan + 2 * rank};
}

// The elements that strides reach, or -1 beyond what memory can hold.
int64_t reach(const Strided& s, const int32_t* strides) {
  double last = 0;
  for (int i = 0; i < s.rank; i++) {
    if (s.dims[i] == 0) return 0;
    last += (double)(s.dims[i] - 1) * strides[i];
  }
  return last > 1e15 ? -1 : (int64_t)last + 1;
}

int64_t count(const Strided& s) {
  double n = 1;
  for (int i = 0; i < s.rank; i++) n *= s.dims[i];
  return n > 1e15 ? -1 : (int64_t)n;
}

bool fits(int64_t reached, int64_t length) { return reached >= 0 && reached <= length; }

// What a kernel asks for besides shapes.
template <class Args>
void check(Call&, const Args&) {}

void check(Call& c, const args::binary& a) {
  const Strided& s = a.plan;
  if (!fits(reach(s, s.strides_a), a.a_length)) c.fail("a", "is shorter than the plan");
  if (!fits(reach(s, s.strides_b), a.b_length)) c.fail("b", "is shorter than the plan");
  if (count(s) != a.y_length) c.fail("y", "has not the plan's size");
  if (s.strides_a[s.rank - 1] > 1 || s.strides_b[s.rank - 1] > 1) c.fail("plan", "must end with strides of 0 or 1");
}

void check(Call& c, const args::copy& a) {
  const Strided& s = a.plan;
  if (!fits(reach(s, s.strides_a), a.x_length - a.from)) c.fail("x", "is shorter than the plan");
  if (!fits(reach(s, s.strides_b), a.y_length - a.to)) c.fail("y", "is shorter than the plan");
  // a plan of strides of 0 could go on for days
  if (!fits(count(s), a.y_length)) c.fail("plan", "copies more than y holds");
}

void check(Call& c, const args::matmul& a) {
  for (int64_t i = 0; i < a.batch; i++) {
    const int32_t *const at = a.offsets + 2 * i;
    const double last_a = at[0] + (double)a.m * (double)a.k, last_b = at[1] + (double)a.k * (double)a.n;
    if (at[0] < 0 || last_a > (double)a.a_length) c.fail("a", "is shorter than the offsets and [m, k] ask");
    if (at[1] < 0 || last_b > (double)a.b_length) c.fail("b", "is shorter than the offsets and [k, n] ask");
  }
}

void check_targets(Call& c, const int32_t* targets, int64_t rows, int64_t classes) {
  for (int64_t i = 0; i < rows; i++)
    if (targets[i] < 0 || targets[i] >= classes) return c.fail("targets", "must be classes, from 0");
}
void check(Call& c, const args::crossEntropy& a) { check_targets(c, a.targets, a.rows, a.classes); }
void check(Call& c, const args::crossEntropyGrad& a) { check_targets(c, a.targets, a.rows, a.classes); }

#define KERNEL(name) static_assert(0
#define SIZE(n) + 1
#define NUMBER(n) + 1
#define FLAG(n) + 1
#define CHOICE(n, of) + 1
#define PLAN(n) + 1
#define FLOATS(n) + 1
#define FLOATS_OUT(n) + 1
#define IN(n, ...) + 1
#define INTS(n, ...) + 1
#define OUT(n, ...) + 1
#define END <= MAX_ARGS, "a call has not so many arguments");
#include "kernels.def"

// One function a kernel. Sizes are variables, too: the shapes behind them are written with their names.
#define KERNEL(name) \
  void call_##name(Call& c) { \
    const auto kernel = c.ctx.kernels->name; \
    args::name a{};
#define SIZE(n) const int64_t n = a.n = c.size(#n); (void)n;
#define NUMBER(n) a.n = c.number(#n);
#define FLAG(n) a.n = c.flag(#n);
#define CHOICE(n, of) a.n = (of::Kind)c.choice(#n, of::COUNT);
#define PLAN(n) a.n = strided(c, #n);
#define FLOATS(n) a.n = c.floats(#n), a.n##_length = c.length();
#define FLOATS_OUT(n) a.n = c.floats_out(#n), a.n##_length = c.length();
#define IN(n, ...) a.n = c.in(#n, {__VA_ARGS__});
#define IN_OR_NULL(n, ...) a.n = c.in_or_null(#n, {__VA_ARGS__});
#define INTS(n, ...) a.n = c.ints(#n, {__VA_ARGS__});
#define OUT(n, ...) a.n = c.out(#n, {__VA_ARGS__});
#define OUT_OR_NULL(n, ...) a.n = c.out_or_null(#n, {__VA_ARGS__});
#define END \
    if (c.ready()) check(c, a); \
    if (c.to_do()) kernel(c.ctx, a); \
  }
#include "kernels.def"

}  // namespace

const Op OPS[] = {
#define KERNEL(name) {#name, call_##name},
#include "kernels.def"
};
const int OP_COUNT = sizeof OPS / sizeof *OPS;

}  // namespace osc
