#include "graph/model_metadata.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

ModelMetadata full() {
  ModelMetadata metadata;
  metadata.architecture = "BertForSequenceClassification";
  metadata.model_type = "bert";
  metadata.labels = {"no \"job\"", "Verlust \xE2\x80\xA8 \xF0\x9F\x98\x80", ""};
  metadata.function = Function::k_sigmoid;
  metadata.function_reason = "config.json: problem_type";
  metadata.max_length = 128;
  metadata.max_length_reason = "model_args.json";
  metadata.tokenizer_files = {{"vocab.txt", std::string("a\0b\xFF", 4)}, {"empty.json", ""}};
  metadata.model_args_lower_case = true;
  metadata.source_hashes = {{"model.safetensors", "00ff"}};
  metadata.tool_version = "0.1.0";
  metadata.passes = {"fuse_attention"};
  metadata.sliding_window = true;
  metadata.window_reserve = 3;
  metadata.window_leading_space = true;
  metadata.stride = 0.1;
  metadata.tie_value = 2;
  metadata.thresholds = {0.5, 0.25, 1e-3};
  metadata.precision_plan = R"({"everywhere":"int8","products":{}})";
  return metadata;
}

std::map<std::string, std::string> written() {
  std::map<std::string, std::string> properties;
  write_metadata(full(), properties);
  return properties;
}

std::string failure(const std::map<std::string, std::string>& properties) {
  try {
    read_metadata(properties);
  } catch (const Error& error) {
    return std::string(error_code_name(error.code())) + ": " + error.what();
  }
  return "none";
}

TEST(ModelMetadata, ReadsBackWhatItWrites) {
  const auto metadata = read_metadata(written());
  ASSERT_TRUE(metadata);
  const ModelMetadata expected = full();
  EXPECT_EQ(metadata->architecture, expected.architecture);
  EXPECT_EQ(metadata->model_type, expected.model_type);
  EXPECT_EQ(metadata->labels, expected.labels);
  EXPECT_EQ(metadata->function, expected.function);
  EXPECT_EQ(metadata->function_reason, expected.function_reason);
  EXPECT_EQ(metadata->max_length, expected.max_length);
  EXPECT_EQ(metadata->max_length_reason, expected.max_length_reason);
  EXPECT_EQ(metadata->tokenizer_files, expected.tokenizer_files);
  EXPECT_EQ(metadata->model_args_lower_case, expected.model_args_lower_case);
  EXPECT_EQ(metadata->source_hashes, expected.source_hashes);
  EXPECT_EQ(metadata->tool_version, expected.tool_version);
  EXPECT_EQ(metadata->passes, expected.passes);
  EXPECT_EQ(metadata->sliding_window, expected.sliding_window);
  EXPECT_EQ(metadata->window_reserve, expected.window_reserve);
  EXPECT_EQ(metadata->window_leading_space, expected.window_leading_space);
  EXPECT_EQ(metadata->stride, expected.stride);
  EXPECT_EQ(metadata->tie_value, expected.tie_value);
  EXPECT_EQ(metadata->thresholds, expected.thresholds);
  EXPECT_EQ(metadata->precision_plan, expected.precision_plan);
}

TEST(ModelMetadata, ReplacesItsOwnEntriesOnly) {
  std::map<std::string, std::string> properties = {{"other", "kept"}, {"hasten.file.old", "eA=="}};
  write_metadata(full(), properties);
  EXPECT_EQ(properties.at("other"), "kept");
  EXPECT_FALSE(properties.contains("hasten.file.old"));
}

TEST(ModelMetadata, FindsNothingInForeignFiles) {
  EXPECT_FALSE(read_metadata({}));
  EXPECT_FALSE(read_metadata({{"onnx.infer", "onnxruntime.quant"}}));
}

TEST(ModelMetadata, RefusesDamage) {
  const auto with = [](const std::string& key, const std::string& value) {
    auto properties = written();
    properties[key] = value;
    return failure(properties);
  };
  EXPECT_THAT(with("hasten.file.vocab.txt", "%%%"),
              HasSubstr("malformed: metadata entry hasten.file.vocab.txt"));
  EXPECT_THAT(with("hasten.labels", "[\"a\""), HasSubstr("malformed"));
  EXPECT_THAT(with("hasten.labels", "[1]"), HasSubstr("malformed"));
  EXPECT_THAT(with("hasten.max_length", "0"), HasSubstr("too small"));
  EXPECT_THAT(with("hasten.max_length", "many"), HasSubstr("malformed"));
  EXPECT_THAT(with("hasten.function", "argmax"),
              HasSubstr("malformed: metadata entry hasten.function"));
  EXPECT_THAT(with("hasten.schema", "2"), HasSubstr("unsupported"));
  EXPECT_THAT(with("hasten.schema", "0"), HasSubstr("malformed"));
  auto without_schema = written();
  without_schema.erase("hasten.schema");
  EXPECT_THAT(failure(without_schema), HasSubstr("malformed: metadata entry hasten.schema"));
}

}  // namespace
}  // namespace hasten::graph
