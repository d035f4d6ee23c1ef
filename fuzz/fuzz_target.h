// What every target has in common: its input as text, and which errors are fine.
#pragma once

#include <hasten/error.h>
#include <signal.h>
#include <sys/time.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace hasten::fuzz {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the process when one input takes more processor time than this: libFuzzer's own limit counts
// the time in which a busy machine, or somebody who stopped the process, did other things.
inline constexpr int k_most_seconds = 20;

inline void limit_processor_time() {
  static const bool once = [] {
    signal(SIGPROF, [](int) { std::abort(); });
    return true;
  }();
  static_cast<void>(once);
  const itimerval limit{{0, 0}, {k_most_seconds, 0}};
  setitimer(ITIMER_PROF, &limit, nullptr);
}

// Runs `read`; ends the process on anything but a result or an error that a damaged file may cause.
template <typename Read>
int check(Read read) {
  limit_processor_time();
  try {
    read();
  } catch (const Error& error) {
    const bool expected = error.code() == ErrorCode::k_malformed ||
                          error.code() == ErrorCode::k_unsupported ||
                          error.code() == ErrorCode::k_not_found;
    if (!expected) std::abort();
  }
  return 0;
}

}  // namespace hasten::fuzz
