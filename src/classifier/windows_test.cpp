#include "classifier/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "classifier/window_votes.h"

namespace hasten::classifier {
namespace {

// The windows over `count` tokens numbered from 100, in a frame of 1 ... 2.
std::vector<std::vector<std::int32_t>> windows_of(std::int32_t count, const WindowLayout& layout) {
  tokenizer::Encoding content;
  content.ids.resize(static_cast<std::size_t>(count));
  std::iota(content.ids.begin(), content.ids.end(), 100);
  content.type_ids.assign(content.ids.size(), 0);
  Sequences sequences;
  cut_windows(content, {{1}, {0}, {2}, {5}}, layout, sequences);
  std::vector<std::vector<std::int32_t>> windows;
  for (std::size_t i = 0; i < sequences.count(); ++i) {
    EXPECT_EQ(sequences.type_ids[sequences.ends[i] - 1], 5);
    windows.emplace_back(sequences.ids.begin() + static_cast<std::ptrdiff_t>(sequences.begin_of(i)),
                         sequences.ids.begin() + static_cast<std::ptrdiff_t>(sequences.ends[i]));
  }
  return windows;
}

TEST(Windows, AShortTextIsOneWindow) {
  EXPECT_THAT(windows_of(3, {3, 2}),
              testing::ElementsAre(testing::ElementsAre(1, 100, 101, 102, 2)));
  EXPECT_THAT(windows_of(0, {3, 2}), testing::ElementsAre(testing::ElementsAre(1, 2)));
}

TEST(Windows, TheLastOneMayLieWithinTheOneBefore) {
  EXPECT_THAT(windows_of(5, {3, 2}), testing::ElementsAre(testing::ElementsAre(1, 100, 101, 102, 2),
                                                          testing::ElementsAre(1, 102, 103, 104, 2),
                                                          testing::ElementsAre(1, 104, 2)));
}

TEST(Windows, AStrideBeyondTheWindowLosesTokensAndSaysSo) {
  EXPECT_THAT(windows_of(5, {2, 3}), testing::ElementsAre(testing::ElementsAre(1, 100, 101, 2),
                                                          testing::ElementsAre(1, 103, 104, 2)));
  tokenizer::Encoding content;
  content.ids = content.type_ids = {7, 8, 9};
  Sequences sequences;
  cut_windows(content, {}, {1, 2}, sequences);
  EXPECT_TRUE(sequences.truncated);
  cut_windows(content, {}, {2, 2}, sequences);
  EXPECT_FALSE(sequences.truncated);
}

TEST(WindowVotes, TheClassOfMostWindowsWins) {
  const std::vector<float> logits = {0, 1, 0, /**/ 0, 2, 1, /**/ 9, 0, 0};
  EXPECT_EQ(vote(logits, 3, 2), 1);
}

TEST(WindowVotes, ATieOfTheTopTwoGoesToTheTieValue) {
  const std::vector<float> logits = {0, 1, 0, /**/ 9, 2, 1};
  EXPECT_EQ(vote(logits, 3, 2), 2);
  EXPECT_EQ(vote(logits, 3, 0), 0);
}

TEST(WindowVotes, EqualLogitsVoteForTheFirst) {
  EXPECT_EQ(vote(std::vector<float>{3, 3}, 2, 1), 0);
}

TEST(WindowVotes, TheMeanIsTakenForEachClass) {
  std::vector<float> mean(2);
  mean_of_windows(std::vector<float>{1, 10, 2, 20, 6, 30}, mean);
  EXPECT_THAT(mean, testing::ElementsAre(3, 20));
}

}  // namespace
}  // namespace hasten::classifier
