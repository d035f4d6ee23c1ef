// Every architecture and every form of its files, as tests/goldens/checkpoints has them: the graph
// computes what PyTorch does, before and after the passes, with padding and without.
#include <gmock/gmock.h>

#include <algorithm>

#include "architectures/architecture.h"
#include "architectures/golden_test.h"
#include "graph/passes/pass.h"

namespace hasten::architectures {
namespace {

namespace fs = std::filesystem;

// Half of a unit of float32 in the constants (1/sqrt(2), epsilon, angles), through a few layers.
constexpr double k_tolerance = 2e-6;

std::vector<std::string> checkpoint_names() {
  std::vector<std::string> names;
  for (const auto& entry :
       fs::directory_iterator(fs::path(HASTEN_SOURCE_DIR) / "tests/goldens/checkpoints")) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class EveryCheckpoint : public testing::TestWithParam<std::string> {};

TEST_P(EveryCheckpoint, ComputesPyTorchsLogits) {
  const fs::path folder = fs::path(HASTEN_SOURCE_DIR) / "tests/goldens/checkpoints" / GetParam();
  const Json golden = Json::parse(read_gzipped(folder / "golden.json"), folder);
  BuiltModel model = build(checkpoint::open_checkpoint(folder));
  const graph::Graph converted = model.graph;
  graph::run_passes(model.graph);
  for (const Json& json : golden["rows"].as_array("rows")) {
    const GoldenRow row = read_row(json);
    EXPECT_EQ(row.logits.size(), static_cast<std::size_t>(model.class_count));
    const auto room = static_cast<std::size_t>(model.position_limit) - row.ids.size();
    const Padding padding{std::min(room, std::size_t{5}), golden["pad_id"].as_integer("pad_id")};
    expect_near(logits_of(converted, row), row.logits, k_tolerance);
    expect_near(logits_of(converted, row, padding), row.logits, k_tolerance);
    expect_near(logits_of(model.graph, row, padding), row.logits, k_tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, EveryCheckpoint, testing::ValuesIn(checkpoint_names()),
                         [](const auto& tested) { return tested.param; });

TEST(EveryArchitecture, HasAGolden) {
  std::vector<std::string> covered;
  for (const std::string& name : checkpoint_names()) {
    const fs::path folder = fs::path(HASTEN_SOURCE_DIR) / "tests/goldens/checkpoints" / name;
    covered.emplace_back(find_architecture(checkpoint::open_checkpoint(folder)).name);
  }
  for (const Architecture& architecture : all_architectures()) {
    EXPECT_THAT(covered, testing::Contains(std::string(architecture.name)));
  }
}

}  // namespace
}  // namespace hasten::architectures
