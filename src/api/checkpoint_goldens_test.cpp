// Every checkpoint of tests/goldens/checkpoints through the whole second road but the tokenizer: the
// engine's logits against PyTorch's in float64.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "architectures/architecture.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "checkpoint/checkpoint.h"
#include "engine/session.h"

namespace hasten {
namespace {

const std::filesystem::path k_goldens = std::filesystem::path(HASTEN_SOURCE_DIR) / "tests/goldens/checkpoints";
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
        types.push_back(typed ? static_cast<std::int32_t>(row["type_ids"].as_array("type_ids")[i].as_integer("type_ids")) : 0);
      }
      offsets.push_back(static_cast<std::int32_t>(ids.size()));
      for (const Json& logit : row["logits"].as_array("logits")) logits.push_back(logit.as_number("logits"));
    }
  }
};

class CheckpointGoldens : public testing::TestWithParam<std::string> {};

TEST_P(CheckpointGoldens, TheEngineGivesPyTorchsLogits) {
  const auto folder = k_goldens / GetParam();
  const GoldenBatch batch(folder / "golden.json");
  const auto built = architectures::build(checkpoint::open_checkpoint(folder));
  const auto session = engine::Session::open(built.graph, {});
  std::vector<float> logits(batch.logits.size());
  session->make_stream({})->run({batch.ids, batch.types, batch.offsets}, logits);
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], batch.logits[i], k_tolerance);
  RecordProperty("obstacle", session->obstacle());
}

INSTANTIATE_TEST_SUITE_P(All, CheckpointGoldens, testing::ValuesIn(golden_names()),
                         [](const auto& param_info) { return param_info.param; });

}  // namespace
}  // namespace hasten
