#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hasten {
namespace {

TEST(Float16, EveryValueSurvivesWideningAndNarrowing) {
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float wide = float16_to_float(half);
    if (std::isnan(wide)) {
      EXPECT_TRUE(std::isnan(float16_to_float(float_to_float16(wide))));
    } else {
      EXPECT_EQ(float_to_float16(wide), half) << bits;
    }
  }
}

TEST(Float16, RoundsToNearestAndTiesToEven) {
  EXPECT_EQ(float_to_float16(1.0F + 0x1p-11F), 0x3C00);             // tie: down to even
  EXPECT_EQ(float_to_float16(1.0F + 3 * 0x1p-11F), 0x3C02);         // tie: up to even
  EXPECT_EQ(float_to_float16(1.0F + 0x1p-11F + 0x1p-20F), 0x3C01);  // above the tie
  EXPECT_EQ(float_to_float16(65519.0F), 0x7BFF);
  EXPECT_EQ(float_to_float16(65520.0F), 0x7C00);
  EXPECT_EQ(float_to_float16(0x1p-25F), 0x0000);
  EXPECT_EQ(float_to_float16(0x1.8p-25F), 0x0001);
  EXPECT_EQ(float_to_float16(-0x1p-24F), 0x8001);
}

TEST(Bfloat16, EveryValueSurvivesWideningAndNarrowing) {
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float wide = bfloat16_to_float(half);
    if (std::isnan(wide)) {
      EXPECT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(wide))));
    } else {
      EXPECT_EQ(float_to_bfloat16(wide), half) << bits;
    }
  }
}

TEST(Bfloat16, RoundsToNearestAndTiesToEven) {
  EXPECT_EQ(float_to_bfloat16(1.0F + 0x1p-8F), 0x3F80);
  EXPECT_EQ(float_to_bfloat16(1.0F + 3 * 0x1p-8F), 0x3F82);
  EXPECT_EQ(float_to_bfloat16(std::numeric_limits<float>::max()), 0x7F80);
}

}  // namespace
}  // namespace hasten
