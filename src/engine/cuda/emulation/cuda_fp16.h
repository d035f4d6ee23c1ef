// Stands in for the toolkit's header of this name: see README.md.
#pragma once

#include <cstdint>

#include "base/half.h"

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the toolkit's names

struct __half {
  std::uint16_t bits;
};

inline float __half2float(__half value) {
  return hasten::float16_to_float(value.bits);
}
inline __half __float2half_rn(float value) {
  return {hasten::float_to_float16(value)};
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
