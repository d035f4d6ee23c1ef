// What is refused, and what the message names.
#include <gmock/gmock.h>

#include "architectures/architecture.h"
#include "base/error.h"

namespace hasten::architectures {
namespace {

namespace fs = std::filesystem;
using checkpoint::Checkpoint;
using testing::HasSubstr;

Checkpoint load(const std::string& name) {
  return checkpoint::open_checkpoint(fs::path(HASTEN_SOURCE_DIR) / "tests/goldens/checkpoints" /
                                     name);
}

void set(Checkpoint& checkpoint, const std::string& key, const std::string& value) {
  Json::Object object = checkpoint.config.as_object("config");
  std::erase_if(object, [&](const auto& entry) { return entry.first == key; });
  object.emplace_back(key, Json::parse(value, "test"));
  checkpoint.config = Json(Json::Value(std::move(object)));
}

void expect_refusal(const Checkpoint& checkpoint, ErrorCode code, const std::string& named) {
  try {
    build(checkpoint);
    ADD_FAILURE() << "nothing was refused where " << named << " should have been";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(named));
  }
}

struct Setting {
  std::string checkpoint, key, value, named;
};

TEST(Refusals, SettingsThatChangeTheScores) {
  for (const Setting& tried : {
           Setting{"bert", "hidden_act", "\"swiglu\"", "hidden_act"},
           Setting{"bert", "position_embedding_type", "\"alibi\"", "position_embedding_type"},
           Setting{"bert", "is_decoder", "true", "is_decoder"},
           Setting{"bert", "add_cross_attention", "true", "add_cross_attention"},
           Setting{"bert", "pruned_heads", "{\"0\": [1]}", "pruned_heads"},
           Setting{"bert", "attention_window", "16", "attention_window"},
           Setting{"bert", "adapters", R"({"adapters": {"mine": "pfeiffer"}})", "adapters"},
           Setting{"distilbert", "activation", "\"prelu\"", "activation"},
           Setting{"mpnet", "relative_attention_num_buckets", "16",
                   "relative_attention_num_buckets"},
           Setting{"deberta_v3", "position_buckets", "2", "position_buckets"},
           Setting{"deberta_v3", "pooler_hidden_size", "12", "pooler_hidden_size"},
           Setting{"deberta", "talking_head", "true", "talking_head"},
           Setting{"deberta", "pos_att_type", "\"c2p|p2p\"", "pos_att_type"},
           Setting{"rembert", "position_embedding_type", "\"relative_key\"",
                   "position_embedding_type"},
           Setting{"squeezebert", "q_groups", "5", "q_groups"},
           Setting{"squeezebert", "embedding_size", "14", "embedding_size"},
           Setting{"mobilebert", "normalization_type", "\"rms_norm\"", "normalization_type"},
           Setting{"mobilebert", "key_query_shared_bottleneck", "false",
                   "key_query_shared_bottleneck"},
           Setting{"convbert", "conv_kernel_size", "4", "conv_kernel_size"},
           Setting{"convbert", "head_ratio", "3", "head_ratio"},
           Setting{"xlnet", "attn_type", "\"uni\"", "attn_type"},
           Setting{"xlnet", "bi_data", "true", "bi_data"},
           Setting{"xlnet", "summary_type", "\"mean\"", "summary_type"},
           Setting{"xlnet", "summary_proj_to_labels", "true", "summary_proj_to_labels"},
           Setting{"xlm", "causal", "true", "causal"},
           Setting{"xlm", "is_encoder", "false", "is_encoder"},
           Setting{"xlm", "summary_activation", "\"tanh\"", "summary_activation"},
           Setting{"flaubert", "summary_type", "\"last\"", "summary_type"},
           Setting{"longformer", "attention_window", "[4]", "attention_window"},
           Setting{"longformer", "attention_window", "5", "attention_window"},
           Setting{"big_bird", "attention_type", "\"sliding\"", "attention_type"},
           Setting{"nystromformer", "num_landmarks", "8", "num_landmarks"},
           Setting{"modernbert", "classifier_pooling", "\"max\"", "classifier_pooling"},
           Setting{"modernbert", "rope_scaling", "{\"type\": \"linear\"}", "rope_scaling"},
           Setting{"modernbert", "layer_types", "[\"sliding_attention\"]", "layer_types"},
       }) {
    Checkpoint checkpoint = load(tried.checkpoint);
    set(checkpoint, tried.key, tried.value);
    expect_refusal(checkpoint, ErrorCode::k_unsupported, tried.named);
  }
}

TEST(Refusals, SettingsThatNoArchitectureKnowsAreNamed) {
  const fs::path goldens = fs::path(HASTEN_SOURCE_DIR) / "tests/goldens/checkpoints";
  for (const auto& entry : fs::directory_iterator(goldens)) {
    if (!entry.is_directory()) continue;
    for (const char* key :
         {"logit_softcapping", "use_alibi", "attention_sink_tokens", "residual_multiplier_scale",
          "moe_layers", "is_causal", "expert_count"}) {
      Checkpoint checkpoint = load(entry.path().filename());
      set(checkpoint, key, "2");
      expect_refusal(checkpoint, ErrorCode::k_unsupported, key);
    }
  }
}

TEST(Refusals, BigBirdEndsWhereItsAttentionBecomesSparse) {
  EXPECT_EQ(build(load("big_bird")).position_limit, 28);       // (5 + 2 * 1) * 4
  EXPECT_EQ(build(load("big_bird_full")).position_limit, 40);  // all positions
}

TEST(Refusals, SettingsThatFitNoModel) {
  for (const Setting& tried : {
           Setting{"bert", "hidden_size", "-1", "hidden_size"},
           Setting{"bert", "num_hidden_layers", "\"two\"", "num_hidden_layers"},
           Setting{"bert", "num_attention_heads", "7", "attention heads"},
           Setting{"bert", "vocab_size", "54", "word_embeddings"},
           Setting{"bert", "num_hidden_layers", "1", "encoder.layer.1"},
           Setting{"bert", "num_hidden_layers", "3", "encoder.layer.2"},
           Setting{"roberta", "pad_token_id", "39", "pad_token_id"},
           Setting{"albert_groups", "num_hidden_groups", "9", "groups"},
           Setting{"longformer", "pad_token_id", "44", "pad_token_id"},
           Setting{"xlnet", "n_layer", "3", "layer.2"},
           Setting{"xlm", "n_layers", "1", "attentions.1"},
           Setting{"mobilebert", "num_feedforward_networks", "2", "ffn.1"},
           Setting{"deberta", "max_relative_positions", "12", "rel_embeddings"},
           Setting{"nystromformer", "conv_kernel_size", "7", "conv.weight"},
       }) {
    Checkpoint checkpoint = load(tried.checkpoint);
    set(checkpoint, tried.key, tried.value);
    expect_refusal(checkpoint, ErrorCode::k_malformed, tried.named);
  }
}

TEST(Refusals, SettingsThatChangeNothingAreTaken) {
  Checkpoint checkpoint = load("bert");
  for (const auto& [key, value] :
       std::map<std::string, std::string>{{"pooler_type", "\"first_token_transform\""},
                                          {"gradient_checkpointing", "true"},
                                          {"attention_window", "null"},
                                          {"trained_by", "\"somebody\""},
                                          {"adapters", R"({"adapters": {}, "fusions": {}})"},
                                          {"hidden_dropout", "0.3"}}) {
    set(checkpoint, key, value);
  }
  EXPECT_EQ(build(checkpoint).class_count, 4);
}

TEST(Refusals, TensorsThatAreMissingOrTooMany) {
  Checkpoint headless = load("bert");
  headless.tensors.erase("classifier.weight");
  expect_refusal(headless, ErrorCode::k_malformed, "classifier.weight");

  Checkpoint holed = load("roberta");
  holed.tensors.erase("roberta.encoder.layer.1.attention.self.key.bias");
  expect_refusal(holed, ErrorCode::k_malformed, "roberta.encoder.layer.1.attention.self.key.bias");

  Checkpoint extended = load("electra");
  extended.tensors["electra.adapter.weight"] = make_tensor<float>({1}, {1});
  expect_refusal(extended, ErrorCode::k_malformed, "electra.adapter.weight");

  Checkpoint doubled = load("bert");
  doubled.tensors["module.classifier.bias"] = doubled.tensors.at("classifier.bias");
  expect_refusal(doubled, ErrorCode::k_malformed, "classifier.bias");

  Checkpoint quantised = load("bert");
  quantised.tensors["classifier.weight"] =
      make_tensor<std::int8_t>({4, 30}, std::vector<std::int8_t>(120, 1));
  expect_refusal(quantised, ErrorCode::k_unsupported, "classifier.weight");
}

TEST(Refusals, ArchitecturesThatAreNotHere) {
  Checkpoint unknown = load("bert");
  set(unknown, "model_type", "\"funnel\"");
  set(unknown, "architectures", "[\"FunnelForSequenceClassification\"]");
  expect_refusal(unknown, ErrorCode::k_unsupported, "FunnelForSequenceClassification");
  expect_refusal(unknown, ErrorCode::k_unsupported, "ModernBertForSequenceClassification");

  for (const char* task : {"BertForTokenClassification", "BertForMultipleChoice"}) {
    Checkpoint other = load("bert");
    set(other, "architectures", "[\"" + std::string(task) + "\"]");
    expect_refusal(other, ErrorCode::k_unsupported, task);
  }

  Checkpoint nameless = load("bert");
  set(nameless, "model_type", "null");
  set(nameless, "architectures", "null");
  expect_refusal(nameless, ErrorCode::k_unsupported, "model_type");
}

TEST(Architectures, TakeTensorsUnderTheNamesOfWrappers) {
  for (const char* wrapper :
       {"module.", "_orig_mod.", "module._orig_mod.", "model.", "_orig_mod.model."}) {
    for (const char* family : {"bert", "modernbert"}) {
      Checkpoint wrapped = load(family);
      std::map<std::string, Tensor> tensors;
      for (const auto& [name, tensor] : wrapped.tensors) tensors.emplace(wrapper + name, tensor);
      wrapped.tensors = std::move(tensors);
      EXPECT_EQ(build(wrapped).class_count, build(load(family)).class_count) << wrapper << family;
    }
  }
}

TEST(Architectures, AreFoundByTheNameAlone) {
  Checkpoint checkpoint = load("multi_label_class");
  set(checkpoint, "model_type", "null");
  EXPECT_EQ(find_architecture(checkpoint).name, "RobertaForSequenceClassification");
}

}  // namespace
}  // namespace hasten::architectures
