#include "pipeline/block_pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "api/model_source.h"
#include "api/open_classifier.h"

namespace hasten::pipeline {
namespace {

using testing::Each;
using testing::ElementsAre;

const classifier::TextClassifier& bundled_model() {
  static const auto k_classifier = [] {
    return classifier::TextClassifier::open(
        api::build_from_checkpoint(HASTEN_SOURCE_DIR "/examples/tweet-sentiment", {}), {});
  }();
  return *k_classifier;
}

data::TextRow row_of(std::string text) {
  data::TextRow row;
  row.text = std::move(text);
  return row;
}

// Texts of many lengths, of which every third is one that was there before.
std::vector<data::TextRow> make_rows(std::size_t count) {
  std::vector<data::TextRow> rows;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = "row";
    for (std::size_t word = 0; word <= i * 7 % 23; ++word)
      text += " " + std::to_string(i % 3 == 2 ? 5 : i);
    rows.push_back(row_of(text));
  }
  return rows;
}

// Cuts rows into blocks, and puts together what comes out.
struct Pass {
  std::vector<data::TextRow> rows;
  std::size_t block_rows = 100;
  BlockPipelineOptions options;
  std::size_t next = 0;
  std::size_t fail_at = ~std::size_t{0};  // rows, where the source throws
  BlockScores scores;
  std::vector<std::uint64_t> first_rows;
  BlockCounters counters;

  bool start(std::function<void(Block&)> look = {}) {
    const BulkModel model{&bundled_model(), {0, 2}};
    BlockPipeline pipeline(std::span(&model, 1), options);
    const auto source = [&](Block& block) {
      if (next >= fail_at) throw std::runtime_error("source");
      if (next == rows.size()) return false;
      const std::size_t end = std::min({rows.size(), next + block_rows, fail_at});
      block.first_row = next;
      block.rows.assign(rows.begin() + static_cast<std::ptrdiff_t>(next),
                        rows.begin() + static_cast<std::ptrdiff_t>(end));
      next = end;
      return true;
    };
    const bool ended = pipeline.run(source, [&](Block& block) {
      first_rows.push_back(block.first_row);
      const auto add = [](auto& to, const auto& more) {
        to.insert(to.end(), more.begin(), more.end());
      };
      add(scores.scores, block.scores.scores);
      add(scores.labels, block.scores.labels);
      add(scores.token_counts, block.scores.token_counts);
      add(scores.flags, block.scores.flags);
      if (look) look(block);
    });
    counters = pipeline.counters();
    return ended;
  }
};

Pass pass_of(std::size_t rows, int threads, DedupScope dedup, std::size_t block_rows = 100) {
  Pass pass;
  pass.rows = make_rows(rows);
  pass.block_rows = block_rows;
  pass.options.threads = threads;
  pass.options.dedup = dedup;
  return pass;
}

TEST(BlockPipeline, ScoresDependOnNothingButTheTexts) {
  Pass alone = pass_of(250, 1, DedupScope::k_none, 1);
  EXPECT_TRUE(alone.start());
  ASSERT_EQ(alone.scores.row_count(), 250u);
  EXPECT_THAT(alone.scores.flags, Each(BlockScores::k_scored));
  for (const int threads : {1, 3}) {
    for (const auto dedup : {DedupScope::k_none, DedupScope::k_window, DedupScope::k_global}) {
      for (const std::size_t block_rows : {37, 128, 1000}) {
        Pass pass = pass_of(250, threads, dedup, block_rows);
        EXPECT_TRUE(pass.start());
        EXPECT_EQ(pass.scores.scores, alone.scores.scores);
        EXPECT_EQ(pass.scores.labels, alone.scores.labels);
        EXPECT_EQ(pass.scores.token_counts, alone.scores.token_counts);
        EXPECT_TRUE(std::is_sorted(pass.first_rows.begin(), pass.first_rows.end()));
      }
    }
  }
}

TEST(BlockPipeline, CountsWhatWasTokenisedAndComputed) {
  Pass pass = pass_of(600, 2, DedupScope::k_global);
  pass.start();
  EXPECT_EQ(pass.counters.rows, 600u);
  EXPECT_EQ(pass.counters.encodings, 600u);
  EXPECT_EQ(pass.counters.forward_texts + pass.counters.duplicates, 600u);
  EXPECT_GT(pass.counters.duplicates, 150u);
  EXPECT_EQ(pass.counters.encoded_tokens,
            std::accumulate(pass.scores.token_counts.begin(), pass.scores.token_counts.end(),
                            std::uint64_t{0}));
}

TEST(BlockPipeline, RowsWithoutATextHaveNoScores) {
  Pass pass = pass_of(3, 1, DedupScope::k_window);
  pass.rows[1].status = data::RowStatus::k_null;
  pass.rows[1].text.clear();
  pass.start();
  EXPECT_THAT(pass.scores.flags, ElementsAre(BlockScores::k_scored, 0, BlockScores::k_scored));
  EXPECT_EQ(pass.scores.labels[1], -1);
  EXPECT_EQ(pass.scores.scores[2], 0);
  EXPECT_EQ(pass.counters.encodings, 2u);
}

// The model with an infinite logit for its first class, which a sigmoid makes a finite probability.
std::unique_ptr<const classifier::TextClassifier> model_of_infinite_logits() {
  graph::Graph graph =
      api::build_from_checkpoint(HASTEN_SOURCE_DIR "/examples/tweet-sentiment", {});
  const graph::ValueId bias = graph.find_value("classifier.bias");
  graph.value(bias).constant =
      make_tensor<float>({3}, {std::numeric_limits<float>::infinity(), 0, 0});
  classifier::ClassifierOptions options;
  options.function = Function::k_sigmoid;
  return classifier::TextClassifier::open(graph, options);
}

TEST(BlockPipeline, RowsWithAScoreThatIsNotFiniteAreMarked) {
  const auto odd = model_of_infinite_logits();
  const std::vector<BulkModel> models = {{odd.get(), {1}}, {&bundled_model(), {0}}};
  BlockPipeline pipeline(models, {});
  BlockScores scores;
  bool is_first = true;
  pipeline.run(
      [&](Block& block) {
        block.rows = {row_of("a text"), row_of("a text"), row_of("another")};
        return std::exchange(is_first, false);
      },
      [&](Block& block) { scores = block.scores; });
  EXPECT_THAT(scores.flags, Each(BlockScores::k_scored | BlockScores::k_nonfinite));
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_TRUE(std::isfinite(scores.scores[row * 2])) << "the class with a column is finite";
    EXPECT_EQ(scores.labels[row * 2], -1);
    EXPECT_GE(scores.labels[row * 2 + 1], 0) << "the other model's label means something";
  }
}

TEST(BlockPipeline, BlocksThatCameWithScoresPassAsTheyAre) {
  const BulkModel model{&bundled_model(), {1}};
  BlockPipeline pipeline(std::span(&model, 1), {});
  int blocks = 0;
  pipeline.run(
      [&](Block& block) {
        if (blocks == 2) return false;
        block.rows = make_rows(2);
        block.is_scored = blocks++ == 0;
        if (block.is_scored) block.scores = {{9, 8}, {0, 1}, {3, 3}, {1, 1}};
        return true;
      },
      [&](Block& block) {
        EXPECT_EQ(block.scores.scores == std::vector<float>({9, 8}), block.is_scored);
      });
  EXPECT_EQ(pipeline.counters().rows, 4u);
  EXPECT_EQ(pipeline.counters().scored_before, 2u);
}

TEST(BlockPipeline, StopsWithWholeBlocksFromTheStart) {
  std::atomic<bool> stop{false};
  Pass pass = pass_of(20'000, 2, DedupScope::k_none, 64);
  pass.options.stop = &stop;
  EXPECT_FALSE(pass.start([&](const Block&) {
    if (pass.first_rows.size() == 3) stop = true;
  }));
  EXPECT_GE(pass.first_rows.size(), 3u);
  EXPECT_LT(pass.scores.row_count(), 20'000u);
  for (std::size_t i = 0; i < pass.first_rows.size(); ++i) EXPECT_EQ(pass.first_rows[i], i * 64);
}

TEST(BlockPipeline, AnErrorOfTheSourceComesAfterTheBlocksBeforeIt) {
  Pass pass = pass_of(1000, 2, DedupScope::k_window, 64);
  pass.fail_at = 500;
  EXPECT_THROW(pass.start(), std::runtime_error);
  EXPECT_EQ(pass.scores.row_count(), 500u);
}

TEST(BlockPipeline, AnErrorOfTheSinkEndsTheRun) {
  Pass pass = pass_of(20'000, 2, DedupScope::k_window, 64);
  EXPECT_THROW(pass.start([&](const Block&) {
    if (pass.first_rows.size() == 2) throw std::runtime_error("sink");
  }),
               std::runtime_error);
  EXPECT_EQ(pass.first_rows.size(), 2u);
}

TEST(BlockPipeline, NothingGivesNothing) {
  Pass pass = pass_of(0, 2, DedupScope::k_window);
  EXPECT_TRUE(pass.start());
  EXPECT_EQ(pass.counters.rows, 0u);
}

}  // namespace
}  // namespace hasten::pipeline
