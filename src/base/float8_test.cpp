#include "base/float8.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hasten {
namespace {

TEST(Float8, EveryValueSurvivesWideningAndNarrowing) {
  for (int bits = 0; bits <= 0xFF; ++bits) {
    const auto narrow = static_cast<std::uint8_t>(bits);
    const float wide = float8_to_float(narrow);
    if (std::isnan(wide)) {
      EXPECT_EQ(bits & 0x7F, 0x7F);
      EXPECT_TRUE(std::isnan(float8_to_float(float_to_float8(wide))));
    } else {
      EXPECT_EQ(float_to_float8(wide), narrow) << bits;
    }
  }
}

TEST(Float8, IsOrderedAndSpansTheFormat) {
  for (int bits = 0; bits < 0x7E; ++bits) {
    EXPECT_LT(float8_to_float(static_cast<std::uint8_t>(bits)),
              float8_to_float(static_cast<std::uint8_t>(bits + 1)));
  }
  EXPECT_EQ(float8_to_float(0x01), 0x1p-9F);
  EXPECT_EQ(float8_to_float(0x38), 1.0F);
  EXPECT_EQ(float8_to_float(0x7E), 448.0F);
}

// Between every two neighbours: the nearest, and in the middle the one whose last bit is zero.
TEST(Float8, RoundsToNearestAndTiesToEven) {
  for (int bits = 0; bits < 0x7E; ++bits) {
    const float low = float8_to_float(static_cast<std::uint8_t>(bits));
    const float high = float8_to_float(static_cast<std::uint8_t>(bits + 1));
    const float middle = (low + high) / 2;
    EXPECT_EQ(float_to_float8(middle), bits % 2 == 0 ? bits : bits + 1);
    EXPECT_EQ(float_to_float8(std::nextafter(middle, 0.0F)), bits);
    EXPECT_EQ(float_to_float8(std::nextafter(middle, 500.0F)), bits + 1);
    EXPECT_EQ(float_to_float8(-middle), (bits % 2 == 0 ? bits : bits + 1) | 0x80);
  }
}

TEST(Float8, EndsAtItsLargestNumber) {
  EXPECT_EQ(float_to_float8(464.0F), 0x7E);
  EXPECT_EQ(float_to_float8(1e30F), 0x7E);
  EXPECT_EQ(float_to_float8(-std::numeric_limits<float>::infinity()), 0xFE);
}

}  // namespace
}  // namespace hasten
