#include "base/float8.h"

#include <bit>
#include <cmath>
#include <limits>

namespace hasten {

float float8_to_float(std::uint8_t bits) {
  const int exponent = bits >> 3 & 0xF;
  const int mantissa = bits & 0x7;
  if (exponent == 0xF && mantissa == 0x7) return std::numeric_limits<float>::quiet_NaN();
  const float magnitude = exponent == 0
                              ? std::ldexp(static_cast<float>(mantissa), -9)
                              : std::ldexp(static_cast<float>(8 + mantissa), exponent - 10);
  return (bits & 0x80) != 0 ? -magnitude : magnitude;
}

std::uint8_t float_to_float8(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint8_t>(bits >> 24 & 0x80);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return sign | 0x7F;
  if (std::bit_cast<float>(magnitude) >= k_largest_float8) return sign | 0x7E;
  if (magnitude < 0x3C800000U) {  // below 2^-6: a subnormal or zero
    // Adding 2^14 leaves multiples of 2^-9 in the low mantissa bits, rounded by the hardware.
    const float shifted = std::bit_cast<float>(magnitude) + 0x1p14F;
    return sign | static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(shifted) - 0x46800000U);
  }
  const std::uint32_t odd = magnitude >> 20 & 1U;
  return sign | static_cast<std::uint8_t>((magnitude - 0x3C000000U + 0x7FFFFU + odd) >> 20);
}

}  // namespace hasten
