#include "architectures/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace hasten::architectures {
namespace {

constexpr std::int64_t k_largest_size = std::int64_t{1} << 31;

// Keys that transformers writes or hub models carry and that no score depends on.
constexpr std::string_view k_harmless[] = {
    // Of every model.
    "architectures", "model_type", "id2label", "label2id", "num_labels", "problem_type",
    "output_hidden_states", "output_attentions", "output_past", "cross_attention_hidden_size",
    "chunk_size_feed_forward", "attn_implementation", "tie_word_embeddings", "tie_encoder_decoder",
    "temperature", "sentence_transformers", "sbert_ce_default_activation_function", "use_bfloat16",
    "gradient_checkpointing", "keys_to_ignore_at_inference", "task_specific_params",
    // Multilingual BERT's and its descendants', written by its first TensorFlow code.
    "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head",
    "pooler_type", "directionality",
    // Of other heads than the classifier.
    "summary_activation", "summary_first_dropout", "summary_last_dropout", "summary_type",
    "summary_use_proj", "decoder_bias", "sparse_prediction", "sparse_pred_ignore_index",
    "repad_logits_with_grad",
    // ALBERT's, never read.
    "down_scale_factor", "gap_size", "net_structure_type", "num_memory_blocks",
    "deterministic_flash_attn", "reference_compile", "tie_weights_", "rotary_value",
    "layers_to_keep", "embedding_size"};

// A key that names a part of the model is taken to change what the model computes.
constexpr std::string_view k_parts[] = {
    "alibi",    "causal",  "clamp",    "geglu", "moe",      "sinusoid",  "softcap", "sparse",
    "swiglu",   "talking", "trigram",  "act",   "adapter",  "attention", "attn",    "bias",
    "block",    "bucket",  "conv",     "embed", "expert",   "ffn",       "gate",    "head",
    "hidden",   "kernel",  "layer",    "logit", "lora",     "mask",      "mlp",     "norm",
    "parallel", "pool",    "position", "quant", "relative", "residual",  "rope",    "rotary",
    "scale",    "scaling", "window"};

bool contains_any(std::string_view key, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return key.find(word) != key.npos; });
}

bool is_harmless(std::string_view key) {
  constexpr std::string_view k_harmless_words[] = {"dropout", "token_id", "initializer",
                                                   "label",   "_loss",    "name_or_path"};
  return key.starts_with('_') ||
         std::find(std::begin(k_harmless), std::end(k_harmless), key) != std::end(k_harmless) ||
         contains_any(key, k_harmless_words);
}

// Nothing, zero, or made of nothing else: {"adapters": {}, "fusions": {}}.
bool is_off(const Json& value) {
  if (value.is_null()) return true;
  if (value.is_bool()) return !value.as_bool("");
  if (value.is_number()) return value.as_number("") == 0;
  if (value.is_array()) return value.as_array("").empty();
  if (value.is_object()) {
    const auto& fields = value.as_object("");
    return std::all_of(fields.begin(), fields.end(),
                       [](const auto& field) { return is_off(field.second); });
  }
  return value.as_string("").empty();
}

std::string shorten(std::string text) {
  constexpr std::size_t k_most = 80;
  if (text.size() > k_most) text = text.substr(0, k_most) + "...";
  return text;
}

}  // namespace

Settings::Settings(const checkpoint::Checkpoint& checkpoint)
    : config_(checkpoint.config), where_((checkpoint.folder / "config.json").string()) {}

const Json& Settings::read(std::string_view key) {
  known_.emplace(key);
  return config_[key];
}

const Json& Settings::value(std::string_view key) {
  return read(key);
}

std::int64_t Settings::integer(std::string_view key, std::int64_t fallback) {
  const Json& json = read(key);
  return json.is_null() ? fallback : json.as_integer(key);
}

std::int64_t Settings::size(std::string_view key, std::int64_t fallback, std::int64_t least) {
  const std::int64_t number = integer(key, fallback);
  if (number < least || number > k_largest_size) {
    fail(ErrorCode::k_malformed, fmt::format("{} is {}, which no model has", key, number), where_,
         "the file is damaged", "Use the config.json that was saved with the weights.");
  }
  return number;
}

double Settings::number(std::string_view key, double fallback) {
  const Json& json = read(key);
  return json.is_null() ? fallback : json.as_number(key);
}

std::string Settings::text(std::string_view key, const std::string& fallback) {
  const Json& json = read(key);
  return json.is_null() ? fallback : json.as_string(key);
}

bool Settings::flag(std::string_view key, bool fallback) {
  const Json& json = read(key);
  return json.is_null() ? fallback : json.as_bool(key);
}

void Settings::expect_off(std::string_view key, std::string_view consequence) {
  const Json& json = read(key);
  if (is_off(json)) return;
  fail(ErrorCode::k_unsupported,
       fmt::format("{} is {}: {}", key, shorten(to_string(json)), consequence), where_);
}

void Settings::refuse(std::string_view key, std::string_view known) const {
  fail(ErrorCode::k_unsupported,
       fmt::format("{} is {}, which is not known here", key, shorten(to_string(config_[key]))),
       where_, "it changes the scores", fmt::format("Known are: {}.", known));
}

void Settings::expect_all_known() const {
  for (const auto& [key, json] : config_.as_object("config.json")) {
    if (known_.contains(key) || is_harmless(key) || is_off(json)) continue;
    if (!contains_any(key, k_parts)) continue;
    fail(ErrorCode::k_unsupported,
         fmt::format("the setting {} = {} is not known here", key, shorten(to_string(json))),
         where_, "a newer or changed architecture, whose scores it could change",
         "When the model does not depend on it, remove it from config.json.");
  }
}

}  // namespace hasten::architectures
