// What every target has in common: its input as text, and which errors are fine.
#pragma once

#include <hasten/error.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace hasten::fuzz {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Runs `read`; ends the process on anything but a result or an error that a damaged file may cause.
template <typename Read>
int check(Read read) {
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
