#include "checkpoint/labels.h"

#include <gmock/gmock.h>

#include "checkpoint/expect_error_test.h"

namespace hasten::checkpoint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Checkpoint settings(const char* config, const char* model_args = "null") {
  Checkpoint checkpoint;
  checkpoint.folder = "folder";
  checkpoint.config = Json::parse(config, "config.json");
  checkpoint.model_args = Json::parse(model_args, "model_args.json");
  return checkpoint;
}

Semantics read(const char* config, const char* model_args = "null", std::int64_t class_count = 2) {
  return read_semantics(settings(config, model_args), class_count, 512);
}

TEST(Labels, ComeFromSimpletransformers) {
  EXPECT_THAT(
      read("{}", R"({"labels_map": {"bad": 1, "good": 0}, "labels_list": ["x", "y"]})").labels,
      ElementsAre("good", "bad"));
  EXPECT_THAT(read("{}", R"({"labels_map": {}, "labels_list": ["x", "y"]})").labels,
              ElementsAre("x", "y"));
  EXPECT_THAT(read("{}", R"({"labels_list": [0, 1]})").labels, ElementsAre("0", "1"));
  EXPECT_THAT(read("{}", R"({"labels_list": [true, 2.5]})").labels, ElementsAre("True", "2.5"));
}

TEST(Labels, AreNamesRatherThanNumbers) {
  const char* named = R"({"id2label": {"1": "bad", "0": "good"}})";
  EXPECT_THAT(read(named, R"({"labels_list": [0, 1]})").labels, ElementsAre("good", "bad"));
  EXPECT_THAT(read(named, R"({"labels_list": ["x", "y"]})").labels, ElementsAre("x", "y"));
  EXPECT_THAT(
      read(R"({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}})", R"({"labels_list": [0, 1]})")
          .labels,
      ElementsAre("0", "1"));
}

TEST(Labels, FallBackAsHuggingFaceDoes) {
  EXPECT_THAT(read(R"({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}})").labels,
              ElementsAre("LABEL_0", "LABEL_1"));
  EXPECT_THAT(read("{}", "null", 3).labels, ElementsAre("LABEL_0", "LABEL_1", "LABEL_2"));
  EXPECT_EQ(read("{}").labels_source, "no setting names the classes");
}

TEST(Labels, PassOverNumbersOfAnotherHead) {
  EXPECT_THAT(read("{}", R"({"labels_list": [0, 1]})", 3).labels,
              ElementsAre("LABEL_0", "LABEL_1", "LABEL_2"));
  EXPECT_THAT(read("{}", R"({"labels_map": {"0": 0, "1": 1}})", 3).labels,
              ElementsAre("LABEL_0", "LABEL_1", "LABEL_2"));
}

TEST(Labels, MustFitTheHead) {
  const auto refused = [](const char* config, const char* model_args, const char* message) {
    expect_error(ErrorCode::k_malformed, message, [&] { read(config, model_args); });
  };
  refused("{}", R"({"labels_list": ["a", "b", "c"]})",
          "3 labels for a classifier head of 2 classes");
  refused("{}", R"({"labels_map": {"a": 0}})", "1 labels for a classifier head of 2 classes");
  refused("{}", R"({"labels_map": {"a": 0, "b": 0}})", "'b' stands for class 0 of 2");
  refused("{}", R"({"labels_map": {"a": 0, "b": 2}})", "'b' stands for class 2 of 2");
  refused("{}", R"({"labels_map": {"a": 0, "b": "1"}})", "not an integer");
  refused("{}", R"({"labels_list": [[0], 1]})", "no text and no number");
  refused(R"({"id2label": {"0": "a", "1": "b", "2": "c"}})", "null",
          "3 labels for a classifier head");
  refused(R"({"id2label": {"0": "a", "00": "b"}})", "null", "'00' is no class of 2");
  refused(R"({"id2label": {"0": "a", "x": "b"}})", "null", "'x' is no class of 2");
  refused(R"({"id2label": ["a", "b"]})", "null", "not an object");
}

TEST(Function, ComesFromModelArgsFirst) {
  const char* single = R"({"problem_type": "single_label_classification"})";
  const auto multi = read(single, R"({"model_class": "MultiLabelClassificationModel"})");
  EXPECT_EQ(multi.function.value, Function::k_sigmoid);
  EXPECT_EQ(multi.function.source, "model_args.json: model_class");
  const auto regression = read(
      "{}", R"({"model_class": "ClassificationModel", "regression": true, "labels_list": []})", 1);
  EXPECT_EQ(regression.function.value, Function::k_none);
  EXPECT_EQ(regression.function.source, "model_args.json: regression");
  EXPECT_EQ(read(R"({"problem_type": "multi_label_classification"})",
                 R"({"model_class": "ClassificationModel"})")
                .function.value,
            Function::k_softmax);
}

TEST(Function, KnowsOldMultiLabelModelsByTheirClass) {
  const char* config = R"({"architectures": ["RobertaForMultiLabelSequenceClassification"]})";
  const Semantics semantics = read(config, R"({"threshold": 0.4})");
  EXPECT_EQ(semantics.function.value, Function::k_sigmoid);
  EXPECT_EQ(semantics.function.source, "config.json: architectures");
  EXPECT_THAT(semantics.thresholds, ElementsAre(0.4, 0.4));
  EXPECT_EQ(read(config, R"({"model_class": "ClassificationModel"})").function.value,
            Function::k_softmax);
}

TEST(Function, FollowsThePipelineOtherwise) {
  const auto of = [](const char* config, std::int64_t class_count) {
    return read(config, "null", class_count).function.value;
  };
  EXPECT_EQ(of(R"({"problem_type": "regression"})", 1), Function::k_none);
  EXPECT_EQ(of(R"({"problem_type": "regression"})", 3), Function::k_none);
  EXPECT_EQ(of(R"({"problem_type": "multi_label_classification"})", 3), Function::k_sigmoid);
  EXPECT_EQ(of(R"({"problem_type": "single_label_classification"})", 1), Function::k_sigmoid);
  EXPECT_EQ(of(R"({"problem_type": "single_label_classification"})", 3), Function::k_softmax);
  EXPECT_EQ(of(R"({"problem_type": null})", 1), Function::k_sigmoid);
  EXPECT_EQ(of("{}", 2), Function::k_softmax);
  EXPECT_EQ(read("{}", R"({"model_class": "ClassificationModel"})", 1).function.value,
            Function::k_sigmoid);
  expect_error(ErrorCode::k_unsupported, "'token_classification' is not known",
               [&] { of(R"({"problem_type": "token_classification"})", 2); });
}

TEST(Function, FollowsCrossEncoders) {
  const auto of = [](const char* config, std::int64_t class_count) {
    return read(config, "null", class_count).function;
  };
  const char* named = R"({"sentence_transformers":
      {"activation_fn": "torch.nn.modules.linear.Identity", "version": "4.1.0"}})";
  EXPECT_EQ(of(named, 1).value, Function::k_none);
  EXPECT_EQ(of(named, 1).source, "config.json: sentence_transformers.activation_fn");
  EXPECT_EQ(
      of(R"({"sbert_ce_default_activation_function": "torch.nn.modules.activation.Sigmoid"})", 3)
          .value,
      Function::k_sigmoid);
  EXPECT_EQ(of(R"({"sentence_transformers": {"activation_fn": "torch.nn.Softmax"}})", 2).value,
            Function::k_softmax);
  EXPECT_EQ(of(R"({"sentence_transformers": {"version": "4.1.0"}})", 1).value, Function::k_sigmoid);
  EXPECT_EQ(of(R"({"sentence_transformers": {"version": "4.1.0"}})", 3).value, Function::k_none);
  expect_error(ErrorCode::k_unsupported, "'my.code.Sigmoid' is not known", [&] {
    of(R"({"sentence_transformers": {"activation_fn": "my.code.Sigmoid"}})", 1);
  });
}

TEST(MaxLength, ComesFromTheFirstSettingThatNamesIt) {
  Checkpoint checkpoint = settings("{}", R"({"max_seq_length": 64})");
  checkpoint.tokenizer_files["tokenizer_config.json"] = R"({"model_max_length": 128})";
  EXPECT_EQ(read_semantics(checkpoint, 2, 512).max_length.value, 64);
  const auto bounded = read_semantics(checkpoint, 2, 40).max_length;
  EXPECT_EQ(bounded.value, 40);
  EXPECT_THAT(bounded.source, HasSubstr("bounded by the model's positions"));
  checkpoint.model_args = {};
  EXPECT_EQ(read_semantics(checkpoint, 2, 512).max_length.value, 128);
  EXPECT_EQ(read_semantics(checkpoint, 2, 512).max_length.source,
            "tokenizer_config.json: model_max_length");
  checkpoint.tokenizer_files["tokenizer_config.json"] =
      R"({"model_max_length": 1000000000000000019884624838656})";
  EXPECT_EQ(read_semantics(checkpoint, 2, 512).max_length.value, 512);
  EXPECT_EQ(read_semantics(checkpoint, 2, 512).max_length.source, "the model's positions");
  EXPECT_EQ(read_semantics(checkpoint, 2, k_no_position_limit).max_length.value, 512);
}

TEST(MaxLength, RefusesNonsense) {
  Checkpoint checkpoint = settings("{}");
  checkpoint.tokenizer_files["tokenizer_config.json"] = R"({"model_max_length": -1})";
  expect_error(ErrorCode::k_malformed, "a length of -1 tokens",
               [&] { read_semantics(checkpoint, 2, 512); });
  expect_error(ErrorCode::k_malformed, "a length of 0 tokens",
               [] { read("{}", R"({"max_seq_length": 0})"); });
  expect_error(ErrorCode::k_malformed, "max_seq_length is not an integer",
               [] { read("{}", R"({"max_seq_length": "128"})"); });
}

TEST(SlidingWindow, IsReadWithItsStrideAndTie) {
  const auto semantics = read(
      "{}", R"({"sliding_window": true, "stride": 0.5, "tie_value": 0, "max_seq_length": 64})");
  EXPECT_TRUE(semantics.sliding_window);
  EXPECT_EQ(semantics.stride, 0.5);
  EXPECT_EQ(semantics.tie_value, 0);
  EXPECT_FALSE(read("{}", R"({"sliding_window": false, "stride": -1})").sliding_window);
  EXPECT_FALSE(read("{}").sliding_window);
}

TEST(SlidingWindow, RefusesNonsense) {
  const auto refused = [](const char* model_args, const char* message) {
    expect_error(ErrorCode::k_malformed, message, [&] { read("{}", model_args); });
  };
  refused(R"({"sliding_window": true, "stride": 0})", "a stride of 0");
  refused(R"({"sliding_window": true, "stride": 0.01, "max_seq_length": 64})", "a stride of 0.01");
  refused(R"({"sliding_window": true, "stride": 1.5})", "a stride of 1.5");
  refused(R"({"sliding_window": true, "tie_value": 2})", "goes to class 2 of 2");
  refused(R"({"sliding_window": 1})", "not true or false");
}

TEST(Thresholds, BelongToMultiLabelModels) {
  const auto of = [](const char* model_args) { return read("{}", model_args).thresholds; };
  EXPECT_THAT(of(R"({"model_class": "ClassificationModel", "threshold": 0.3})"), IsEmpty());
  EXPECT_THAT(of(R"({"model_class": "MultiLabelClassificationModel"})"), ElementsAre(0.5, 0.5));
  EXPECT_THAT(of(R"({"model_class": "MultiLabelClassificationModel", "threshold": 0.3})"),
              ElementsAre(0.3, 0.3));
  EXPECT_THAT(of(R"({"model_class": "MultiLabelClassificationModel", "threshold": [0.3, 0.7]})"),
              ElementsAre(0.3, 0.7));
  expect_error(ErrorCode::k_malformed, "1 thresholds for 2 classes", [&] {
    of(R"({"model_class": "MultiLabelClassificationModel", "threshold": [0.3]})");
  });
}

}  // namespace
}  // namespace hasten::checkpoint
