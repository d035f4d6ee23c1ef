#include "job/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hasten::job {
namespace {

Checkpoint example() {
  Checkpoint checkpoint{std::string(64, 'b'), 4096, {}};
  checkpoint.scores.resize(3, 2, 1);
  checkpoint.scores.scores = {0.5f, 0.25f, 0, 0, 1, -1};
  checkpoint.scores.labels = {1, -1, 0};
  checkpoint.scores.token_counts = {7, 0, 9};
  checkpoint.scores.flags = {1, 0, 3};
  return checkpoint;
}

TEST(Checkpoint, ComesBackAsItWas) {
  const Checkpoint checkpoint = example();
  const auto back = decode_checkpoint(encode(checkpoint));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->binding, checkpoint.binding);
  EXPECT_EQ(back->first_row, 4096u);
  EXPECT_EQ(back->end_row(), 4099u);
  EXPECT_EQ(back->scores.scores, checkpoint.scores.scores);
  EXPECT_EQ(back->scores.labels, checkpoint.scores.labels);
  EXPECT_EQ(back->scores.token_counts, checkpoint.scores.token_counts);
  EXPECT_EQ(back->scores.flags, checkpoint.scores.flags);
}

TEST(Checkpoint, IsNotReadWhenAnyBitIsAnotherOrAnyByteIsMissing) {
  const std::string bytes = encode(example());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    EXPECT_FALSE(decode_checkpoint(damaged)) << i;
    EXPECT_FALSE(decode_checkpoint(std::string_view(bytes).substr(0, i))) << i;
  }
  EXPECT_FALSE(decode_checkpoint(bytes + "x"));
}

TEST(Checkpoint, NamesSayTheRows) {
  EXPECT_EQ(checkpoint_name(100, 16484), "000000000100-000000016484");
  const auto range = parse_checkpoint_name("000000000100-000000016484");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->begin, 100u);
  EXPECT_EQ(range->end, 16484u);
  for (const char* name : {"", "1", "1-", "-1", "2-1", "1-1", "1-2x", "a-b", "1-2-3"}) {
    EXPECT_FALSE(parse_checkpoint_name(name)) << name;
  }
}

}  // namespace
}  // namespace hasten::job
