// Real checkpoints, from the folder to the logits, before and after the passes.
#include <gmock/gmock.h>

#include "architectures/architecture.h"
#include "architectures/golden_test.h"
#include "graph/passes/pass.h"

namespace hasten::architectures {
namespace {

namespace fs = std::filesystem;

// Constants are float32 in the file, which the double-precision run of PyTorch has exactly.
constexpr double k_tolerance = 1e-6;

void expect_golden(const fs::path& folder, const fs::path& golden, std::size_t rows) {
  BuiltModel model = build(checkpoint::open_checkpoint(folder));
  const graph::Graph converted = model.graph;
  const auto reports = graph::run_passes(model.graph);
  for (const graph::PassReport& report : reports) {
    EXPECT_THAT(report.outcome.unmatched, testing::IsEmpty()) << report.name;
  }
  for (const GoldenRow& row : read_golden(golden, rows)) {
    expect_near(logits_of(converted, row), row.logits, k_tolerance);
    expect_near(logits_of(model.graph, row, {3, 0}), row.logits, k_tolerance);
  }
}

TEST(WholeModels, BundledClassifier) {
  const fs::path source = HASTEN_SOURCE_DIR;
  expect_golden(source / "examples/tweet-sentiment",
                source / "tests/goldens/tweet_sentiment/golden.jsonl", 4);
}

TEST(WholeModels, MiniLm) {
  const fs::path models = fs::path(HASTEN_SHARED_DIR) / "models";
  if (!fs::exists(models / "minilm-offensive")) GTEST_SKIP() << "no shared data";
  expect_golden(models / "minilm-offensive", models / "minilm-offensive.golden.jsonl.gz", 2);
}

}  // namespace
}  // namespace hasten::architectures
