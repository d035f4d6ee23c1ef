#include "graph/fixed_sizes.h"

#include <gtest/gtest.h>

#include "graph/dump.h"

namespace hasten::graph {
namespace {

FixedSizes sizes_of(const std::string& inputs) {
  return fixed_sizes(parse_text(inputs + "y = Identity(ids)\noutput y\n"));
}

TEST(FixedSizes, OfInputsThatDeclareThem) {
  EXPECT_EQ(sizes_of("input ids int64[batch, n]\n"), (FixedSizes{0, 0}));
  EXPECT_EQ(sizes_of("input ids int64[1, 128]\n"), (FixedSizes{1, 128}));
  EXPECT_EQ(sizes_of("input ids int64[batch, 64]\n"), (FixedSizes{0, 64}));
  EXPECT_EQ(sizes_of("input ids int64[batch, n]\ninput mask int64[8, 64]\n"), (FixedSizes{8, 64}));
}

TEST(FixedSizes, NotOfInputsOfOtherRanks) {
  EXPECT_EQ(sizes_of("input ids int64[7]\ninput scores float32[2, 3, 4]\n"), (FixedSizes{0, 0}));
}

}  // namespace
}  // namespace hasten::graph
