// What a file without metadata takes from the folder beside it.
#include "api/onnx_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "graph/dump.h"
#include "graph/model_metadata.h"

namespace hasten::api {
namespace {

namespace fs = std::filesystem;

class OnnxFolder : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  // Of a classifier of texts of `length` tokens beside a config.json.
  std::int64_t max_length(const std::string& length, const std::string& config) const {
    return describe(length, config, "output y").max_length;
  }

  graph::ModelMetadata describe(const std::string& length, const std::string& config,
                                const std::string& ending) const {
    std::ofstream(folder_ / "config.json") << config;
    std::ofstream(folder_ / "vocab.txt") << "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    graph::Graph graph = graph::parse_text("input input_ids int64[batch, " + length + "]\n" + R"(
      const words float32[5, 2] = ...
      const tokens int64[1] = 1
      x = Gather(words, input_ids)
      y = ReduceSum(x, tokens) {keepdims=0}
    )" + ending);
    describe_from_folder(graph, folder_ / "model.onnx", {}, {});
    return *graph::read_metadata(graph.metadata);
  }

 private:
  const fs::path folder_ = fs::path(testing::TempDir()) / "hasten_onnx_folder_test";
};

TEST_F(OnnxFolder, AnExportOfOneLengthTakesNoLongerTexts) {
  const std::string config = R"({"model_type": "bert", "max_position_embeddings": 40})";
  EXPECT_EQ(max_length("n", config), 40);
  EXPECT_EQ(max_length("16", config), 16);
  EXPECT_EQ(max_length("64", config), 40);
  EXPECT_EQ(max_length("16", R"({"model_type": "bert"})"), 16);
}

TEST_F(OnnxFolder, WhatTheGraphAppliesIsTheFunction) {
  const std::string config = R"({"model_type": "bert", "id2label": {"0": "no", "1": "yes"}})";
  EXPECT_EQ(describe("n", config, "output y").function, Function::k_softmax);
  const auto described = describe("n", config, "output x\np = Sigmoid(y)\noutput p");
  EXPECT_EQ(described.function, Function::k_sigmoid);
  EXPECT_EQ(described.function_reason, "the graph itself applies it");
  EXPECT_EQ(described.labels, (std::vector<std::string>{"no", "yes"}));
}

}  // namespace
}  // namespace hasten::api
