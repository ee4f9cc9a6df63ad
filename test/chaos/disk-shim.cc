// Preloaded into osc by test/chaos: stands between it and the files of one folder. What it does is told by the environment:
//
//   CHAOS_DIR=FOLDER      whose files are watched, and those below
//   CHAOS_SIGNAL=N        sent to the process itself before operation CHAOS_AT (from 1) on them
//   CHAOS_TORN=1          ... in the middle of it, where it is a write
//   CHAOS_FULL_AFTER=N    after so many bytes the disk is full: nothing can be written, made or renamed any more
//   CHAOS_FULL_FOR=N      ... for so many operations that fail; then there is room again
//   CHAOS_COUNT=FILE      as the process ends, "OPERATIONS BYTES" is written there
//
// An operation is what changes a file or a folder: each is a moment that a crash may fall on.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <string>

namespace {

long number(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : atol(text);
}

struct Settings {
  std::string dir = getenv("CHAOS_DIR") ? getenv("CHAOS_DIR") : "";
  std::string count = getenv("CHAOS_COUNT") ? getenv("CHAOS_COUNT") : "";
  int signal = static_cast<int>(number("CHAOS_SIGNAL", 0));
  long at = number("CHAOS_AT", LONG_MAX);
  bool torn = number("CHAOS_TORN", 0) != 0;
  long full_after = number("CHAOS_FULL_AFTER", LONG_MAX);
  long full_for = number("CHAOS_FULL_FOR", LONG_MAX);
};

const Settings& settings() {
  static const Settings* const those = new Settings;  // never destroyed: threads may still write as the process ends
  return *those;
}

std::atomic<long> operations{0}, bytes{0}, refused{0};

template <typename F>
F real(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

bool inside(const char* path) {
  const std::string& dir = settings().dir;
  return !dir.empty() && path != nullptr && strncmp(path, dir.c_str(), dir.size()) == 0 &&
         (path[dir.size()] == '/' || path[dir.size()] == '\0');
}

bool inside(int fd) {
  if (settings().dir.empty() || fd < 3) return false;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return inside(path);
}

void strike() {
  kill(getpid(), settings().signal);
  while (settings().signal == SIGKILL) pause();
}

/** Counts an operation, and sends the signal where it is its turn. */
bool is_turn() { return ++operations == settings().at && settings().signal != 0; }

bool is_full() {
  if (bytes.load() < settings().full_after) return false;
  if (++refused > settings().full_for) return false;
  errno = ENOSPC;
  return true;
}

/** How much of a write finds room: all, a part of it, or none (-1). */
ssize_t room(size_t wanted) {
  const long left = settings().full_after - bytes.load();
  if (left >= static_cast<long>(wanted) || refused.load() >= settings().full_for) {
    bytes += static_cast<long>(wanted);
    return static_cast<ssize_t>(wanted);
  }
  if (left <= 0) {
    if (is_full()) return -1;
    bytes += static_cast<long>(wanted);
    return static_cast<ssize_t>(wanted);
  }
  bytes += left;
  return left;
}

template <typename Write>
ssize_t watched_write(int fd, size_t size, Write write) {
  if (!inside(fd)) return write(size);
  if (is_turn()) {
    if (settings().torn) write(size / 2);
    strike();
    if (settings().torn) return static_cast<ssize_t>(size / 2);
  }
  const ssize_t fits = room(size);
  return fits < 0 ? -1 : write(static_cast<size_t>(fits));
}

/** The first `size` bytes of several buffers. */
template <typename Write>
ssize_t first_bytes(const struct iovec* parts, int count, size_t size, Write write) {
  std::string all;
  for (int i = 0; i < count && all.size() < size; i++) all.append(static_cast<char*>(parts[i].iov_base), parts[i].iov_len);
  return write(all.data(), all.size() < size ? all.size() : size);
}

size_t sum(const struct iovec* parts, int count) {
  size_t size = 0;
  for (int i = 0; i < count; i++) size += parts[i].iov_len;
  return size;
}

/** An operation that needs room; -1 where there is none. */
template <typename Do>
int watched(bool is_inside, bool needs_room, Do act) {
  if (!is_inside) return act();
  if (is_turn()) strike();
  return needs_room && is_full() ? -1 : act();
}

struct AtEnd {
  ~AtEnd() {
    if (settings().count.empty()) return;
    FILE* file = fopen(settings().count.c_str(), "w");
    if (file == nullptr) return;
    fprintf(file, "%ld %ld\n", operations.load(), bytes.load());
    fclose(file);
  }
} at_end;

int open_watched(const char* name, const char* path, int flags, mode_t mode) {
  auto open_ = real<int (*)(const char*, int, ...)>(name);
  // a folder or a file that is only read is no change
  return watched((flags & O_CREAT) != 0 && inside(path), true, [&] { return open_(path, flags, mode); });
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
  va_end(list);
  return open_watched("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
  va_end(list);
  return open_watched("open64", path, flags, mode);
}

ssize_t write(int fd, const void* data, size_t size) {
  static auto write_ = real<ssize_t (*)(int, const void*, size_t)>("write");
  return watched_write(fd, size, [&](size_t n) { return write_(fd, data, n); });
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  static auto pwrite_ = real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return watched_write(fd, size, [&](size_t n) { return pwrite_(fd, data, n, at); });
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }

ssize_t writev(int fd, const struct iovec* parts, int count) {
  static auto writev_ = real<ssize_t (*)(int, const struct iovec*, int)>("writev");
  static auto write_ = real<ssize_t (*)(int, const void*, size_t)>("write");
  if (!inside(fd)) return writev_(fd, parts, count);
  return watched_write(fd, sum(parts, count), [&](size_t n) {
    return first_bytes(parts, count, n, [&](const void* data, size_t size) { return write_(fd, data, size); });
  });
}

ssize_t pwritev64(int fd, const struct iovec* parts, int count, off64_t at) {
  static auto pwritev_ = real<ssize_t (*)(int, const struct iovec*, int, off64_t)>("pwritev64");
  static auto pwrite_ = real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  if (!inside(fd)) return pwritev_(fd, parts, count, at);
  return watched_write(fd, sum(parts, count), [&](size_t n) {
    return first_bytes(parts, count, n, [&](const void* data, size_t size) { return pwrite_(fd, data, size, at); });
  });
}

ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t at) { return pwritev64(fd, parts, count, at); }

int fsync(int fd) {
  static auto fsync_ = real<int (*)(int)>("fsync");
  return watched(inside(fd), true, [&] { return fsync_(fd); });
}

int fdatasync(int fd) {
  static auto fdatasync_ = real<int (*)(int)>("fdatasync");
  return watched(inside(fd), true, [&] { return fdatasync_(fd); });
}

int rename(const char* from, const char* to) {
  static auto rename_ = real<int (*)(const char*, const char*)>("rename");
  return watched(inside(from), true, [&] { return rename_(from, to); });
}

int mkdir(const char* path, mode_t mode) {
  static auto mkdir_ = real<int (*)(const char*, mode_t)>("mkdir");
  return watched(inside(path), true, [&] { return mkdir_(path, mode); });
}

int link(const char* from, const char* to) {
  static auto link_ = real<int (*)(const char*, const char*)>("link");
  return watched(inside(to), true, [&] { return link_(from, to); });
}

int unlink(const char* path) {
  static auto unlink_ = real<int (*)(const char*)>("unlink");
  return watched(inside(path), false, [&] { return unlink_(path); });
}

int rmdir(const char* path) {
  static auto rmdir_ = real<int (*)(const char*)>("rmdir");
  return watched(inside(path), false, [&] { return rmdir_(path); });
}

int ftruncate64(int fd, off64_t length) {
  static auto truncate_ = real<int (*)(int, off64_t)>("ftruncate64");
  return watched(inside(fd), false, [&] { return truncate_(fd, length); });
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

}
