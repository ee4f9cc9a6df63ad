#include "call.h"

namespace osc {

namespace {

// No C library in WebAssembly: messages are put together by hand.
struct Text {
  char* at;
  char* end;
  Text& operator<<(const char* s) {
    while (*s && at < end) *at++ = *s++;
    *at = 0;
    return *this;
  }
  Text& operator<<(int64_t n) {
    char digits[24];
    int i = 23;
    digits[i] = 0;
    uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do digits[--i] = (char)('0' + u % 10);
    while (u /= 10);
    if (n < 0) digits[--i] = '-';
    return *this << digits + i;
  }
  Text& operator<<(const Shape& s) {
    *this << "[";
    for (int i = 0; i < s.rank; i++) *this << (i ? ", " : "") << s.dims[i];
    return *this << "]";
  }
};

const char* name_of(int32_t kind) {
  switch (kind) {
    case ARG_NONE: return "nothing";
    case ARG_NUMBER: return "a number";
    case ARG_FLOATS: return "a Float32Array";
    case ARG_INTS: return "an Int32Array";
    default: return "something else";
  }
}

// The number of elements, or -1 beyond what memory can hold.
int64_t elements(const Shape& s) {
  double n = 1;
  for (int i = 0; i < s.rank; i++) n *= (double)s.dims[i];
  return n > 1e15 ? -1 : (int64_t)n;
}

}  // namespace

void Call::fail(const char* name, const char* problem) {
  if (error_[0]) return;
  Text{error_, error_ + sizeof error_ - 1} << op_ << ": " << name << " " << problem << ".";
}

void Call::fail_kind(const char* name, ArgKind wanted, const Arg& got) {
  if (error_[0]) return;
  Text text{error_, error_ + sizeof error_ - 1};
  text << op_ << ": " << name << " must be " << name_of(wanted) << ", not " << name_of(got.kind);
  if (got.kind == ARG_FLOATS || got.kind == ARG_INTS) text << " [" << (int64_t)got.length << "]";
  text << ".";
}

const Arg* Call::next(const char* name) {
  if (error_[0]) return nullptr;
  if (next_ >= count_) {
    fail(name, "is missing");
    return nullptr;
  }
  return &args_[next_++];
}

int64_t Call::size(const char* name) {
  const Arg* const arg = next(name);
  if (!arg) return 0;
  if (arg->kind != ARG_NUMBER) return fail_kind(name, ARG_NUMBER, *arg), 0;
  const double n = arg->number;
  if (!(n >= 0 && n <= 2147483647.0) || n != (double)(int64_t)n) return fail(name, "must be a whole number from 0 to 2^31 - 1"), 0;
  return (int64_t)n;
}

int Call::choice(const char* name, int count) {
  const int64_t n = size(name);
  if (n >= count) fail(name, "is out of range");
  return error_[0] ? 0 : (int)n;
}

float Call::number(const char* name) {
  const Arg* const arg = next(name);
  if (!arg) return 0;
  if (arg->kind != ARG_NUMBER) return fail_kind(name, ARG_NUMBER, *arg), 0.f;
  return (float)arg->number;
}

float* Call::array(const char* name, Shape shape, ArgKind kind, bool may_be_null, bool is_result) {
  const Arg* const arg = next(name);
  if (!arg) return nullptr;
  length_ = 0;
  if (arg->kind == ARG_NONE && may_be_null) return nullptr;
  if (arg->kind != kind) return fail_kind(name, kind, *arg), nullptr;
  if ((int64_t)arg->length != elements(shape)) {
    Text{error_, error_ + sizeof error_ - 1} << op_ << ": " << name << " must have shape " << shape << ", not ["
                                             << (int64_t)arg->length << "].";
    return nullptr;
  }
  length_ = (int64_t)arg->length;
  if (is_result) results_ |= 1u << (next_ - 1), has_results_ |= length_ > 0;
  return static_cast<float*>(arg->data);
}

float* Call::any(const char* name, ArgKind kind, bool is_result) {
  const Arg* const arg = next(name);
  if (!arg) return nullptr;
  length_ = 0;
  if (arg->kind != kind) return fail_kind(name, kind, *arg), nullptr;
  length_ = (int64_t)arg->length;
  if (is_result) results_ |= 1u << (next_ - 1), has_results_ |= length_ > 0;
  return static_cast<float*>(arg->data);
}

bool Call::ready() {
  if (error_[0]) return false;
  if (next_ != count_) return fail("the call", "has arguments too many"), false;
  for (int i = 0; i < count_; i++) {
    if (!(results_ >> i & 1)) continue;
    const char* const a = static_cast<const char*>(args_[i].data);
    for (int j = 0; j < count_; j++) {
      if (j == i || (args_[j].kind != ARG_FLOATS && args_[j].kind != ARG_INTS)) continue;
      const char* const b = static_cast<const char*>(args_[j].data);
      if (a < b + 4 * args_[j].length && b < a + 4 * args_[i].length) return fail("a result", "overlaps another array"), false;
    }
  }
  return true;
}

}  // namespace osc
