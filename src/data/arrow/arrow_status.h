// From Arrow's results to hasten::Error.
#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <string>
#include <utility>

#include "base/error.h"

namespace hasten::data {

// Throws an error of `code` that says `what` at `where`, with Arrow's message as its cause.
inline void check(const arrow::Status& status, ErrorCode code, const std::string& what,
                  const std::string& where) {
  if (status.ok()) return;
  if (status.IsOutOfMemory()) code = ErrorCode::k_out_of_memory;
  fail(code, what, where, status.ToStringWithoutContextLines());
}

template <typename T>
T value_of(arrow::Result<T> result, ErrorCode code, const std::string& what,
           const std::string& where) {
  check(result.status(), code, what, where);
  return std::move(result).ValueUnsafe();
}

}  // namespace hasten::data
