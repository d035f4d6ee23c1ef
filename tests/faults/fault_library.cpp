// Preloaded into a program, makes the Nth call of one kind fail on files below a folder.
//
//   HASTEN_FAULT="CALL:N:ERRNO[:persistent]"  CALL: open (for writing), write, fsync, link, rename,
//                                             remove, mkdir; ERRNO: ENOSPC, EIO, or SHORT
//   HASTEN_FAULT_FOLDER                       only files below it are concerned
//   HASTEN_FAULT_COUNTS                       a file that gets the numbers of calls at the end
//
// N counts from 1. A persistent fault holds from the Nth call on, as on a full disk. A failing write
// leaves half of its bytes, as disks do that fill up; a SHORT one writes half of them and says so,
// which is no failure.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

enum Call { k_open, k_write, k_fsync, k_link, k_rename, k_remove, k_mkdir, k_call_count };
constexpr std::array<std::string_view, k_call_count> k_names = {"open",   "write",  "fsync", "link",
                                                                "rename", "remove", "mkdir"};
constexpr int k_short = -1;

struct Fault {
  int call = -1;
  long at = 0;
  int error = 0;
  bool persistent = false;
};

std::array<std::atomic<long>, k_call_count> calls{};

template <typename Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int error_of(std::string_view name) {
  return name == "ENOSPC" ? ENOSPC : name == "EIO" ? EIO : k_short;
}

Fault parse_fault() {
  Fault fault;
  const char* const text = std::getenv("HASTEN_FAULT");
  if (text == nullptr) return fault;
  char call[16] = {}, error[16] = {}, mode[16] = {};
  std::sscanf(text, "%15[a-z]:%ld:%15[A-Z]:%15s", call, &fault.at, error, mode);
  for (int i = 0; i < k_call_count; ++i) {
    if (k_names[static_cast<std::size_t>(i)] == call) fault.call = i;
  }
  fault.error = error_of(error);
  fault.persistent = std::string_view(mode) == "persistent";
  return fault;
}

const std::string& folder() {
  static const std::string k_folder = [] {
    const char* const text = std::getenv("HASTEN_FAULT_FOLDER");
    return std::string(text == nullptr ? "/" : text) + "/";
  }();
  return k_folder;
}

bool concerns(const char* path) {
  return std::strncmp(path, folder().c_str(), folder().size()) == 0 ||
         folder().compare(0, folder().size() - 1, path) == 0;
}

bool concerns(int descriptor) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  return ::readlink(link.c_str(), path.data(), path.size() - 1) > 0 && concerns(path.data());
}

// Counts a call; whether it is to fail, with errno set.
bool fails(Call call) {
  static const Fault k_fault = parse_fault();
  const long number = ++calls[call];
  if (k_fault.call != call) return false;
  if (k_fault.persistent ? number < k_fault.at : number != k_fault.at) return false;
  errno = k_fault.error;
  return true;
}

struct CountsAtExit {
  ~CountsAtExit() {
    const char* const path = std::getenv("HASTEN_FAULT_COUNTS");
    std::FILE* const file = path == nullptr ? nullptr : std::fopen(path, "w");
    if (file == nullptr) return;
    for (std::size_t i = 0; i < k_call_count; ++i) {
      std::fprintf(file, "%s %ld\n", k_names[i].data(), calls[i].load());
    }
    std::fclose(file);
  }
} counts_at_exit;

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  static auto* const k_next = next(&::open, "open");
  const bool writes = (flags & O_ACCMODE) != O_RDONLY;
  if (writes && concerns(path) && fails(k_open)) return -1;
  return k_next(path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
  static auto* const k_next = next(&::write, "write");
  if (descriptor > 2 && concerns(descriptor) && fails(k_write)) {
    const int error = errno;
    const ssize_t half = k_next(descriptor, bytes, (count + 1) / 2);
    if (error == k_short) return half;
    errno = error;
    return -1;
  }
  return k_next(descriptor, bytes, count);
}

int fsync(int descriptor) {
  static auto* const k_next = next(&::fsync, "fsync");
  if (concerns(descriptor) && fails(k_fsync)) return -1;
  return k_next(descriptor);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  static auto* const k_next = next(&::linkat, "linkat");
  if (concerns(to) && fails(k_link)) return -1;
  return k_next(from_folder, from, to_folder, to, flags);
}

int rename(const char* from, const char* to) {
  static auto* const k_next = next(&::rename, "rename");
  if (concerns(to) && fails(k_rename)) return -1;
  return k_next(from, to);
}

int remove(const char* path) {
  static auto* const k_next = next(&::remove, "remove");
  if (concerns(path) && fails(k_remove)) return -1;
  return k_next(path);
}

int mkdir(const char* path, mode_t mode) {
  static auto* const k_next = next(&::mkdir, "mkdir");
  if (concerns(path) && fails(k_mkdir)) return -1;
  return k_next(path, mode);
}

}  // extern "C"
