// The 8-bit floating-point format E4M3 as GPUs have it ("FN": no infinities): a sign, four bits of exponent, three of
// mantissa; 448 is the largest number, 0x7F and 0xFF are NaN. Widening is exact; narrowing rounds to nearest, ties to
// even, and what lies beyond 448 becomes 448.
#pragma once

#include <cstdint>

namespace hasten {

inline constexpr float k_largest_float8 = 448;

float float8_to_float(std::uint8_t bits);
std::uint8_t float_to_float8(float value);  // NaN stays NaN

}  // namespace hasten
