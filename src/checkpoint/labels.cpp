#include "checkpoint/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "checkpoint/label_names.h"
#include "checkpoint/quote_name.h"

namespace hasten::checkpoint {
namespace {

using SourcedFunction = Sourced<Function>;

std::string setting(const Checkpoint& checkpoint, const char* file, const char* key) {
  return fmt::format("{}: {}", (checkpoint.folder / file).string(), key);
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.as_string("") : "";
}

// The setting by which simpletransformers marks a multi-label model; nothing for another. Before it
// wrote model_class, the name of its own class in config.json told.
std::optional<std::string> find_multi_label(const Checkpoint& checkpoint) {
  const Json& model_class = checkpoint.model_args["model_class"];
  if (text_of(model_class) == "MultiLabelClassificationModel")
    return "model_args.json: model_class";
  const Json& architectures = checkpoint.config["architectures"];
  const bool named = architectures.is_array() && !architectures.as_array("").empty();
  const std::string name = named ? text_of(architectures.as_array("")[0]) : "";
  if (model_class.is_null() && name.ends_with("ForMultiLabelSequenceClassification")) {
    return "config.json: architectures";
  }
  return std::nullopt;
}

std::optional<SourcedFunction> read_trained_function(const Checkpoint& checkpoint,
                                                     std::int64_t class_count) {
  const Json& regression = checkpoint.model_args["regression"];
  if (!regression.is_null() &&
      regression.as_bool(setting(checkpoint, "model_args.json", "regression"))) {
    return SourcedFunction{Function::k_none, "model_args.json: regression"};
  }
  if (const auto source = find_multi_label(checkpoint)) {
    return SourcedFunction{Function::k_sigmoid, *source};
  }
  if (text_of(checkpoint.model_args["model_class"]) == "ClassificationModel" && class_count > 1) {
    return SourcedFunction{Function::k_softmax, "model_args.json: model_class"};
  }
  return std::nullopt;
}

// The class names that sentence-transformers writes: "torch.nn.modules.activation.Sigmoid".
Function parse_activation(const std::string& name, const std::string& where) {
  const std::string last = name.substr(name.rfind('.') + 1);
  if (name.starts_with("torch.nn.")) {
    if (last == "Sigmoid") return Function::k_sigmoid;
    if (last == "Identity") return Function::k_none;
    if (last == "Softmax") return Function::k_softmax;
  }
  fail(ErrorCode::k_unsupported, fmt::format("the activation {} is not known", quote_name(name)),
       where, {}, "Known are Sigmoid, Softmax and Identity of torch.nn; choose with --function.");
}

std::optional<SourcedFunction> read_cross_encoder(const Checkpoint& checkpoint,
                                                  std::int64_t class_count) {
  const Json& encoder = checkpoint.config["sentence_transformers"];
  constexpr const char* k_key = "sentence_transformers.activation_fn";
  constexpr const char* k_old_key = "sbert_ce_default_activation_function";
  if (const Json& name = encoder["activation_fn"]; !name.is_null()) {
    const std::string where = setting(checkpoint, "config.json", k_key);
    return SourcedFunction{parse_activation(name.as_string(where), where),
                           std::string("config.json: ") + k_key};
  }
  if (const Json& name = checkpoint.config[k_old_key]; !name.is_null()) {
    const std::string where = setting(checkpoint, "config.json", k_old_key);
    return SourcedFunction{parse_activation(name.as_string(where), where),
                           std::string("config.json: ") + k_old_key};
  }
  if (!encoder.is_object()) return std::nullopt;
  return SourcedFunction{class_count == 1 ? Function::k_sigmoid : Function::k_none,
                         "config.json: sentence_transformers"};
}

SourcedFunction read_configured_function(const Checkpoint& checkpoint, std::int64_t class_count) {
  const Json& problem = checkpoint.config["problem_type"];
  const std::string where = setting(checkpoint, "config.json", "problem_type");
  const std::string type = problem.is_null() ? "" : problem.as_string(where);
  const char* source = "config.json: problem_type";
  if (type == "regression") return {Function::k_none, source};
  if (type == "multi_label_classification") return {Function::k_sigmoid, source};
  if (!type.empty() && type != "single_label_classification") {
    fail(ErrorCode::k_unsupported,
         fmt::format("the problem type {} is not known", quote_name(type)), where);
  }
  if (class_count == 1) return {Function::k_sigmoid, "a classifier head of one class"};
  if (!type.empty()) return {Function::k_softmax, source};
  return {Function::k_softmax, fmt::format("a classifier head of {} classes", class_count)};
}

SourcedFunction read_function(const Checkpoint& checkpoint, std::int64_t class_count) {
  if (auto function = read_trained_function(checkpoint, class_count)) return *function;
  if (auto function = read_cross_encoder(checkpoint, class_count)) return *function;
  return read_configured_function(checkpoint, class_count);
}

Json read_tokenizer_config(const Checkpoint& checkpoint) {
  const auto file = checkpoint.tokenizer_files.find("tokenizer_config.json");
  if (file == checkpoint.tokenizer_files.end()) return {};
  return Json::parse(file->second, (checkpoint.folder / file->first).string());
}

Sourced<std::int64_t> read_max_length(const Checkpoint& checkpoint, std::int64_t position_limit) {
  const auto bounded = [&](std::int64_t length,
                           const std::string& source) -> Sourced<std::int64_t> {
    if (length <= position_limit) return {length, source};
    return {position_limit, source + ", bounded by the model's positions"};
  };
  if (const Json& trained = checkpoint.model_args["max_seq_length"]; !trained.is_null()) {
    const std::string where = setting(checkpoint, "model_args.json", "max_seq_length");
    const std::int64_t length = trained.as_integer(where);
    if (length < 1)
      fail(ErrorCode::k_malformed, fmt::format("a length of {} tokens", length), where);
    return bounded(length, "model_args.json: max_seq_length");
  }
  constexpr double k_no_limit = 1e9;
  const Json tokenizer = read_tokenizer_config(checkpoint);
  if (const Json& longest = tokenizer["model_max_length"]; !longest.is_null()) {
    const std::string where = setting(checkpoint, "tokenizer_config.json", "model_max_length");
    const double length = longest.as_number(where);
    if (!(length >= 1))
      fail(ErrorCode::k_malformed, fmt::format("a length of {} tokens", length), where);
    if (length < k_no_limit) {
      return bounded(longest.as_integer(where), "tokenizer_config.json: model_max_length");
    }
  }
  if (position_limit != k_no_position_limit) return {position_limit, "the model's positions"};
  return {512, "no setting names a length"};
}

// simpletransformers' name for the kind of model, from model_args.json where it stands there.
std::string trained_model_type(const Checkpoint& checkpoint) {
  if (std::string name = text_of(checkpoint.model_args["model_type"]); !name.empty()) {
    return name;
  }
  if (text_of(checkpoint.config["tokenizer_class"]).starts_with("Bertweet")) return "bertweet";
  std::string name = text_of(checkpoint.config["model_type"]);
  std::erase(name, '-');
  return name;
}

// The kinds whose windows leave room for a second separator, though single texts have none, and whose
// texts get a space in front (MODELS_WITH_EXTRA_SEP_TOKEN and MODELS_WITH_ADD_PREFIX_SPACE there).
bool reserves_extra_separator(const std::string& model_type) {
  constexpr std::string_view k_kinds[] = {"roberta",    "camembert", "xlmroberta",
                                          "longformer", "mpnet",     "nystromformer"};
  return std::find(std::begin(k_kinds), std::end(k_kinds), model_type) != std::end(k_kinds);
}

void read_sliding_window(const Checkpoint& checkpoint, std::int64_t class_count,
                         Semantics& semantics) {
  const auto where = [&](const char* key) { return setting(checkpoint, "model_args.json", key); };
  const Json& sliding = checkpoint.model_args["sliding_window"];
  semantics.sliding_window = !sliding.is_null() && sliding.as_bool(where("sliding_window"));
  if (!semantics.sliding_window) return;
  semantics.window_leading_space = reserves_extra_separator(trained_model_type(checkpoint));
  semantics.window_reserve = semantics.window_leading_space ? 3 : 2;
  if (const Json& stride = checkpoint.model_args["stride"]; !stride.is_null()) {
    semantics.stride = stride.as_number(where("stride"));
  }
  const double tokens =
      semantics.stride < 1
          ? std::floor(static_cast<double>(semantics.max_length.value) * semantics.stride)
          : semantics.stride;
  if (!(tokens >= 1) || tokens != std::floor(tokens)) {
    fail(ErrorCode::k_malformed, fmt::format("a stride of {}", semantics.stride), where("stride"),
         {}, "Below 1 it is a share of max_seq_length, else a whole number of tokens.");
  }
  if (const Json& tie = checkpoint.model_args["tie_value"]; !tie.is_null()) {
    semantics.tie_value = tie.as_integer(where("tie_value"));
  }
  if (class_count > 1 && (semantics.tie_value < 0 || semantics.tie_value >= class_count)) {
    fail(ErrorCode::k_malformed,
         fmt::format("a tied vote goes to class {} of {}", semantics.tie_value, class_count),
         where("tie_value"));
  }
}

// A number for all classes or a list with one for each.
std::vector<double> read_thresholds(const Checkpoint& checkpoint, std::int64_t class_count) {
  if (!find_multi_label(checkpoint)) return {};
  const auto count = static_cast<std::size_t>(class_count);
  const Json& threshold = checkpoint.model_args["threshold"];
  const std::string where = setting(checkpoint, "model_args.json", "threshold");
  if (threshold.is_null()) return std::vector<double>(count, 0.5);
  if (!threshold.is_array()) return std::vector<double>(count, threshold.as_number(where));
  std::vector<double> thresholds;
  for (const Json& value : threshold.as_array(where)) thresholds.push_back(value.as_number(where));
  if (thresholds.size() == count) return thresholds;
  fail(ErrorCode::k_malformed,
       fmt::format("{} thresholds for {} classes", thresholds.size(), class_count), where);
}

}  // namespace

Semantics read_semantics(const Checkpoint& checkpoint, std::int64_t class_count,
                         std::int64_t position_limit, std::optional<Function> chosen) {
  assert(class_count > 0 && position_limit > 0);
  Semantics semantics;
  auto labels = read_labels(checkpoint, class_count);
  semantics.labels = std::move(labels.value);
  semantics.labels_source = std::move(labels.source);
  semantics.function = chosen ? SourcedFunction{*chosen, "chosen by the user"}
                              : read_function(checkpoint, class_count);
  semantics.max_length = read_max_length(checkpoint, position_limit);
  read_sliding_window(checkpoint, class_count, semantics);
  semantics.thresholds = read_thresholds(checkpoint, class_count);
  return semantics;
}

}  // namespace hasten::checkpoint
