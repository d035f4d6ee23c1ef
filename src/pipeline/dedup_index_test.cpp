#include "pipeline/dedup_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>

namespace hasten::pipeline {
namespace {

using enum DedupIndex::Answer;

// Keys as spread as hashes are.
ScoreKey key_of(std::uint64_t number) {
  return {number * 0x9E3779B97F4A7C15u, number ^ 0xABCDEFu};
}

class DedupIndexTest : public testing::TestWithParam<DedupScope> {
 protected:
  DedupIndex make() const { return {GetParam(), 2, std::filesystem::temp_directory_path()}; }
};

TEST_P(DedupIndexTest, ATextIsNewThenAwaitedThenKnown) {
  DedupIndex index = make();
  std::array<float, 2> values{};
  EXPECT_EQ(index.ask(key_of(1), values), k_new);
  EXPECT_EQ(index.ask(key_of(1), values), k_awaited);
  index.fill(key_of(1), std::array{3.0f, 4.0f});
  index.find(key_of(1), values);
  EXPECT_THAT(values, testing::ElementsAre(3, 4));
  values = {};
  EXPECT_EQ(index.ask(key_of(1), values), k_known);
  EXPECT_THAT(values, testing::ElementsAre(3, 4));
}

INSTANTIATE_TEST_SUITE_P(Scopes, DedupIndexTest,
                         testing::Values(DedupScope::k_window, DedupScope::k_global));

TEST(DedupIndexScopes, WithoutDedupEveryTextIsNew) {
  DedupIndex index(DedupScope::k_none, 1, {});
  std::array<float, 1> value{};
  EXPECT_EQ(index.ask(key_of(1), value), k_new);
  EXPECT_EQ(index.ask(key_of(1), value), k_new);
}

TEST(DedupIndexScopes, AWindowForgetsAndAGlobalIndexDoesNot) {
  constexpr std::uint64_t k_texts = 2 * DedupIndex::k_window_texts + 10;
  DedupIndex window(DedupScope::k_window, 1, {});
  DedupIndex global(DedupScope::k_global, 1, std::filesystem::temp_directory_path());
  std::array<float, 1> value{};
  for (std::uint64_t i = 0; i < k_texts; ++i) {
    value = {static_cast<float>(i)};
    for (DedupIndex* index : {&window, &global}) {
      ASSERT_EQ(index->ask(key_of(i), value), k_new);
      index->fill(key_of(i), value);
    }
  }
  EXPECT_EQ(window.ask(key_of(k_texts - 1), value), k_known);
  EXPECT_EQ(window.ask(key_of(0), value), k_new);
  for (const std::uint64_t i : {std::uint64_t{0}, std::uint64_t{7}, k_texts - 1}) {
    EXPECT_EQ(global.ask(key_of(i), value), k_known);
    EXPECT_EQ(value[0], static_cast<float>(i));
  }
}

TEST(DedupIndexScopes, WhatItIsToldFromElsewhereItKnows) {
  DedupIndex index(DedupScope::k_global, 2, std::filesystem::temp_directory_path());
  index.keep_results();
  std::array<float, 2> values{};
  EXPECT_EQ(index.ask(key_of(1), values), k_new);
  index.learn({{key_of(1), key_of(2)}, {9, 9, 3, 4}});
  EXPECT_EQ(index.ask(key_of(1), values), k_awaited) << "its own result is under way";
  EXPECT_EQ(index.ask(key_of(2), values), k_known);
  EXPECT_THAT(values, testing::ElementsAre(3, 4));
  index.fill(key_of(1), std::array{1.0f, 2.0f});
  EXPECT_EQ(index.result_count(), 1u);
  const KeyedResults results = index.take_results();
  EXPECT_THAT(results.keys, testing::ElementsAre(key_of(1)));
  EXPECT_THAT(results.values, testing::ElementsAre(1, 2));
  EXPECT_EQ(index.result_count(), 0u);
  EXPECT_TRUE(index.take_results().keys.empty());
}

TEST(KeyedScores, MovesIntoAFileWhenItOutgrowsMemory) {
  KeyedScores::Options options;
  options.value_count = 3;
  options.capacity = 8;
  options.memory_bytes = 4096;
  options.folder = std::filesystem::temp_directory_path();
  KeyedScores table(options);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    ASSERT_TRUE(table.insert(key_of(i)));
    const auto entry = table.find(key_of(i));
    ASSERT_TRUE(entry);
    *entry->is_filled = true;
    entry->values[2] = static_cast<float>(i);
  }
  EXPECT_TRUE(table.is_in_file());
  EXPECT_EQ(table.size(), 5000u);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const auto entry = table.find(key_of(i));
    ASSERT_TRUE(entry && *entry->is_filled);
    ASSERT_EQ(entry->values[2], static_cast<float>(i));
  }
  EXPECT_FALSE(table.find(key_of(5000)));
}

TEST(KeyedScores, WithoutRoomItSaysSoAndKeepsWhatItHas) {
  KeyedScores::Options options;
  options.capacity = 8;
  options.memory_bytes = 0;
  options.folder = "/nowhere";
  EXPECT_THROW(KeyedScores{options}, std::bad_alloc);
  options.memory_bytes = 512;
  KeyedScores table(options);
  std::uint64_t kept = 0;
  while (table.insert(key_of(kept))) ++kept;
  EXPECT_GE(kept, 5u);
  EXPECT_EQ(table.size(), kept);
  for (std::uint64_t i = 0; i < kept; ++i) EXPECT_TRUE(table.find(key_of(i)));
}

}  // namespace
}  // namespace hasten::pipeline
