#include "job/result_segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hasten::job {
namespace {

using testing::ElementsAre;

const std::string k_binding(64, 'b');

pipeline::KeyedResults example() {
  return {{{1, 2}, {3, 4}, {5, 6}}, {0.5f, 1, 0.25f, 0, -1, 2}};
}

TEST(ResultSegment, ComesBackAsItWas) {
  const std::string bytes = encode(example(), k_binding);
  EXPECT_EQ(bytes.size(), segment_bytes(3, 2));
  const auto back = decode_segment(bytes, k_binding, 2);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->keys, example().keys);
  EXPECT_EQ(back->values, example().values);
  EXPECT_THAT(back->values_of(1), ElementsAre(0.25f, 0));
}

TEST(ResultSegment, IsNotReadWhenAnyBitIsAnotherOrAnyByteIsMissing) {
  const std::string bytes = encode(example(), k_binding);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    EXPECT_FALSE(decode_segment(damaged, k_binding, 2)) << i;
    EXPECT_FALSE(decode_segment(std::string_view(bytes).substr(0, i), k_binding, 2)) << i;
  }
  EXPECT_FALSE(decode_segment(bytes + "x", k_binding, 2));
}

TEST(ResultSegment, IsNotReadByWhomItDoesNotConcern) {
  const std::string bytes = encode(example(), k_binding);
  EXPECT_FALSE(decode_segment(bytes, std::string(64, 'c'), 2));
  EXPECT_FALSE(decode_segment(bytes, k_binding, 1));
  EXPECT_FALSE(decode_segment(bytes, k_binding, 3));
  EXPECT_FALSE(decode_segment(encode({}, k_binding), k_binding, 2));
}

}  // namespace
}  // namespace hasten::job
