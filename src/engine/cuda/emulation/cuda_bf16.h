// Stands in for the toolkit's header of this name: see README.md.
#pragma once

#include <cstdint>

#include "base/half.h"

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the toolkit's names

struct __nv_bfloat16 {
  std::uint16_t bits;
};

inline float __bfloat162float(__nv_bfloat16 value) {
  return hasten::bfloat16_to_float(value.bits);
}
inline __nv_bfloat16 __float2bfloat16_rn(float value) {
  return {hasten::float_to_bfloat16(value)};
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
