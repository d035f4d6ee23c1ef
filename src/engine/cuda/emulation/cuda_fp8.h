// Stands in for the toolkit's header of this name: see README.md.
#pragma once

#include "base/float8.h"

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the toolkit's names

enum __nv_saturation_t { __NV_SATFINITE };
enum __nv_fp8_interpretation_t { __NV_E4M3 };

inline std::uint8_t __nv_cvt_float_to_fp8(float value, __nv_saturation_t /*always*/,
                                          __nv_fp8_interpretation_t /*one*/) {
  return hasten::float_to_float8(value);
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
