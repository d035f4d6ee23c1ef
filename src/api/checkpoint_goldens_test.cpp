// Every checkpoint of tests/goldens/checkpoints through the whole second road but the tokenizer:
// the engine's logits against PyTorch's in float64.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>

#include "architectures/architecture.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "checkpoint/checkpoint.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/session.h"
#include "graph/from_onnx.h"
#include "graph/passes/pass.h"
#include "graph/to_onnx.h"

namespace hasten {
namespace {

const std::filesystem::path k_goldens =
    std::filesystem::path(HASTEN_SOURCE_DIR) / "tests/goldens/checkpoints";
constexpr double k_tolerance = 2e-5;

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(k_goldens)) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  return names;
}

// All rows of a golden file in one ragged batch.
struct GoldenBatch {
  std::vector<std::int32_t> ids, types, offsets{0};
  std::vector<double> logits;

  explicit GoldenBatch(const std::filesystem::path& path) {
    const Json golden = Json::parse(read_file(path), path);
    for (const Json& row : golden["rows"].as_array("rows")) {
      const auto& row_ids = row["ids"].as_array("ids");
      for (const Json& id : row_ids) ids.push_back(static_cast<std::int32_t>(id.as_integer("ids")));
      for (std::size_t i = 0; i < row_ids.size(); ++i) {
        const bool typed = row.contains("type_ids");
        types.push_back(typed ? static_cast<std::int32_t>(
                                    row["type_ids"].as_array("type_ids")[i].as_integer("type_ids"))
                              : 0);
      }
      offsets.push_back(static_cast<std::int32_t>(ids.size()));
      for (const Json& logit : row["logits"].as_array("logits"))
        logits.push_back(logit.as_number("logits"));
    }
  }
};

std::vector<float> logits_of(const engine::Session& session, const GoldenBatch& batch,
                             int threads = 1) {
  std::vector<float> logits(batch.logits.size());
  session.make_stream({.threads = threads, .profile = false})
      ->run({batch.ids, batch.types, batch.offsets}, logits);
  return logits;
}

// Each text in a batch of its own.
std::vector<float> logits_alone(const engine::Session& session, const GoldenBatch& batch) {
  std::vector<float> logits(batch.logits.size());
  const std::size_t texts = batch.offsets.size() - 1;
  const std::size_t classes = logits.size() / texts;
  const auto stream = session.make_stream({});
  for (std::size_t text = 0; text < texts; ++text) {
    const auto first = static_cast<std::size_t>(batch.offsets[text]);
    const auto count = static_cast<std::size_t>(batch.offsets[text + 1]) - first;
    const std::vector<std::int32_t> offsets = {0, static_cast<std::int32_t>(count)};
    stream->run({std::span(batch.ids).subspan(first, count),
                 std::span(batch.types).subspan(first, count), offsets},
                std::span(logits).subspan(text * classes, classes));
  }
  return logits;
}

void expect_near(const std::vector<float>& logits, const GoldenBatch& batch, double tolerance) {
  for (std::size_t i = 0; i < logits.size(); ++i) {
    EXPECT_NEAR(logits[i], batch.logits[i], tolerance);
  }
}

// All but those that need instructions which the engine does not have yet.
bool runs_on_kernels(const std::string& name) {
  const std::set<std::string> others = {"big_bird_rescaled",
                                        "convbert",
                                        "convbert_groups",
                                        "longformer",
                                        "longformer_two_types",
                                        "longformer_wide",
                                        "mobilebert",
                                        "mobilebert_wide",
                                        "nystromformer",
                                        "nystromformer_plain",
                                        "xlnet",
                                        "xlnet_clamped",
                                        "xlnet_relu"};
  return !others.contains(name);
}

// The model as `optimize` writes it to a file and a session reads it.
graph::Graph through_optimized_file(const graph::Graph& graph, const std::string& name) {
  graph::Graph optimized = graph;
  graph::run_passes(optimized);
  const auto path =
      std::filesystem::path(testing::TempDir()) / ("checkpoint_golden_" + name + ".onnx");
  graph::save_onnx(optimized, path);
  graph::Graph loaded = graph::load_onnx(path);
  std::filesystem::remove(path);
  return loaded;
}

class CheckpointGoldens : public testing::TestWithParam<std::string> {
 protected:
  const std::filesystem::path folder_ = k_goldens / GetParam();
  const GoldenBatch batch_{folder_ / "golden.json"};
  const architectures::BuiltModel built_ =
      architectures::build(checkpoint::open_checkpoint(folder_));
};

TEST_P(CheckpointGoldens, TheEngineGivesPyTorchsLogits) {
  for (const graph::Graph& graph :
       {built_.graph, through_optimized_file(built_.graph, GetParam())}) {
    const auto session = engine::Session::open(graph, {});
    EXPECT_EQ(session->obstacle().empty(), runs_on_kernels(GetParam())) << session->obstacle();
    expect_near(logits_of(*session, batch_), batch_, k_tolerance);
  }
}

TEST_P(CheckpointGoldens, GivesTheSameBitsAloneInABatchOnAnyThreadsAndInstructionSet) {
  if (!runs_on_kernels(GetParam())) GTEST_SKIP() << "runs on the generic engine";
  for (const auto precision : {engine::Precision::k_float32, engine::Precision::k_int8}) {
    engine::SessionOptions options;
    options.precision = precision;
    options.device.isa = "scalar";
    const auto expected = logits_alone(*engine::Session::open(built_.graph, options), batch_);
    for (const auto& set : engine::cpu::instruction_sets()) {
      if (!set.available) continue;
      options.device.isa = set.name;
      const auto session = engine::Session::open(built_.graph, options);
      EXPECT_EQ(logits_alone(*session, batch_), expected) << set.name;
      for (const int threads : {1, 2, 3})
        EXPECT_EQ(logits_of(*session, batch_, threads), expected) << set.name;
    }
  }
}

TEST_P(CheckpointGoldens, TheGenericEngineGivesTheSameBitsInAnyCompany) {
  if (runs_on_kernels(GetParam())) GTEST_SKIP() << "runs on the engine's own program";
  std::vector<float> expected;
  for (const auto& set : engine::cpu::instruction_sets()) {
    if (!set.available) continue;
    setenv("HASTEN_ISA", set.name.c_str(), 1);
    const auto session = engine::Session::open(built_.graph, {});
    if (expected.empty()) expected = logits_alone(*session, batch_);
    EXPECT_EQ(logits_alone(*session, batch_), expected) << set.name;
    for (const int threads : {1, 2, 3})
      EXPECT_EQ(logits_of(*session, batch_, threads), expected) << set.name;
  }
  unsetenv("HASTEN_ISA");
}

// The tiny models' rows are so short that rounding tells.
TEST_P(CheckpointGoldens, LowerPrecisionsAreNear) {
  if (!runs_on_kernels(GetParam())) GTEST_SKIP() << "runs on the generic engine";
  for (const auto precision : {engine::Precision::k_bfloat16, engine::Precision::k_int8}) {
    engine::SessionOptions options;
    options.precision = precision;
    const double largest =
        *std::max_element(batch_.logits.begin(), batch_.logits.end(),
                          [](double a, double b) { return std::abs(a) < std::abs(b); });
    const double tolerance = 0.3 * std::max(1.0, std::abs(largest));
    expect_near(logits_of(*engine::Session::open(built_.graph, options), batch_), batch_,
                tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(All, CheckpointGoldens, testing::ValuesIn(golden_names()),
                         [](const auto& param_info) { return param_info.param; });

}  // namespace
}  // namespace hasten
