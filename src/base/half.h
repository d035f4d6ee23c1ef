// The two 16-bit floating-point formats and their conversions. float16 is IEEE 754 binary16,
// bfloat16 the upper half of a float32. Widening is exact; narrowing rounds to nearest, ties to even.
#pragma once

#include <cstdint>

namespace hasten {

float float16_to_float(std::uint16_t bits);
std::uint16_t float_to_float16(float value);  // beyond 65504: infinity, as IEEE 754 rounds

float bfloat16_to_float(std::uint16_t bits);
std::uint16_t float_to_bfloat16(float value);  // NaN stays NaN

}  // namespace hasten
