#include "graph/model_metadata.h"

#include <fmt/format.h>

#include <cmath>

#include "base/base64.h"
#include "base/error.h"
#include "base/json.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_schema_version = 1;
constexpr std::string_view k_prefix = "hasten.";
constexpr std::string_view k_file_prefix = "hasten.file.";
constexpr std::string_view k_source_prefix = "hasten.source.";

using Properties = std::map<std::string, std::string>;

[[noreturn]] void fail_damaged(std::string_view key, const std::string& what) {
  fail(ErrorCode::k_malformed, what, fmt::format("metadata entry {}", key),
       "the file was edited or damaged after it was made", "Convert the model again.");
}

Json texts_json(const std::vector<std::string>& texts) {
  Json::Array array;
  for (const std::string& text : texts) array.emplace_back(Json(text));
  return Json(std::move(array));
}

Json numbers_json(const std::vector<double>& numbers) {
  Json::Array array;
  for (const double number : numbers) array.emplace_back(Json(number));
  return Json(std::move(array));
}

std::string number_text(double number) {
  std::string text;
  append_json_number(text, number);
  return text;
}

// Reads the entries of one file.
class Entries {
 public:
  explicit Entries(const Properties& properties) : properties_(properties) {}

  std::string text(const std::string& name) const {
    const auto found = properties_.find(std::string(k_prefix) + name);
    return found == properties_.end() ? std::string() : found->second;
  }

  std::optional<Json> json(const std::string& name) const {
    const std::string value = text(name);
    if (value.empty()) return std::nullopt;
    const std::string key = std::string(k_prefix) + name;
    try {
      return Json::parse(value, key);
    } catch (const Error& error) {
      fail_damaged(key, error.details().what);
    }
  }

  std::vector<std::string> texts(const std::string& name) const {
    std::vector<std::string> result;
    const auto found = json(name);
    if (!found) return result;
    for (const Json& each : found->as_array(name)) result.push_back(each.as_string(name));
    return result;
  }

  std::vector<double> numbers(const std::string& name) const {
    std::vector<double> result;
    const auto found = json(name);
    if (!found) return result;
    for (const Json& each : found->as_array(name)) result.push_back(each.as_number(name));
    return result;
  }

  std::int64_t integer(const std::string& name, std::int64_t fallback, std::int64_t least) const {
    const auto found = json(name);
    if (!found) return fallback;
    const std::int64_t value = found->as_integer(name);
    if (value < least)
      fail_damaged(std::string(k_prefix) + name, fmt::format("{} is too small", value));
    return value;
  }

  double number(const std::string& name, double fallback) const {
    const auto found = json(name);
    return found ? found->as_number(name) : fallback;
  }

  bool boolean(const std::string& name, bool fallback) const {
    const auto found = json(name);
    return found ? found->as_bool(name) : fallback;
  }

  // Entries whose keys start with `prefix`, without it.
  Properties below(std::string_view prefix) const {
    Properties result;
    for (auto place = properties_.lower_bound(std::string(prefix));
         place != properties_.end() && place->first.starts_with(prefix); ++place) {
      result.emplace(place->first.substr(prefix.size()), place->second);
    }
    return result;
  }

 private:
  const Properties& properties_;
};

Function read_function(const Entries& entries) {
  try {
    return parse_function(entries.text("function"));
  } catch (const Error& error) {
    fail_damaged("hasten.function", error.details().what);
  }
}

Properties read_files(const Entries& entries) {
  Properties files;
  for (const auto& [name, encoded] : entries.below(k_file_prefix)) {
    auto content = decode_base64(encoded);
    if (!content) fail_damaged(std::string(k_file_prefix) + name, "it is not base64");
    files.emplace(name, std::move(*content));
  }
  return files;
}

bool check_schema(const Properties& properties) {
  const auto schema = properties.find("hasten.schema");
  if (schema == properties.end()) {
    if (!Entries(properties).below(k_prefix).empty())
      fail_damaged("hasten.schema", "it is missing");
    return false;
  }
  const std::int64_t version = Entries(properties).integer("schema", 0, 1);
  if (version <= k_schema_version) return true;
  fail(ErrorCode::k_unsupported,
       fmt::format("its metadata has schema version {}, and {} is the newest known here", version,
                   k_schema_version),
       "metadata entry hasten.schema", "a newer Hasten made the file", "Update Hasten.");
}

}  // namespace

void write_metadata(const ModelMetadata& metadata, std::map<std::string, std::string>& properties) {
  std::erase_if(properties, [](const auto& entry) { return entry.first.starts_with(k_prefix); });
  const auto set = [&](const std::string& name, std::string value) {
    properties[std::string(k_prefix) + name] = std::move(value);
  };
  set("schema", std::to_string(k_schema_version));
  set("architecture", metadata.architecture);
  set("model_type", metadata.model_type);
  set("labels", to_string(texts_json(metadata.labels)));
  set("function", name_of(metadata.function));
  set("function_reason", metadata.function_reason);
  set("max_length", std::to_string(metadata.max_length));
  set("max_length_reason", metadata.max_length_reason);
  set("tool_version", metadata.tool_version);
  set("passes", to_string(texts_json(metadata.passes)));
  if (metadata.model_args_lower_case) {
    set("model_args_lower_case", *metadata.model_args_lower_case ? "true" : "false");
  }
  set("sliding_window", metadata.sliding_window ? "true" : "false");
  set("stride", number_text(metadata.stride));
  set("tie_value", std::to_string(metadata.tie_value));
  set("window_reserve", std::to_string(metadata.window_reserve));
  set("window_leading_space", metadata.window_leading_space ? "true" : "false");
  set("thresholds", to_string(numbers_json(metadata.thresholds)));
  if (!metadata.precision_plan.empty()) set("precision_plan", metadata.precision_plan);
  if (!metadata.measured_fidelity.empty()) set("measured_fidelity", metadata.measured_fidelity);
  for (const auto& [name, content] : metadata.tokenizer_files)
    set("file." + name, encode_base64(content));
  for (const auto& [name, hash] : metadata.source_hashes) set("source." + name, hash);
}

std::optional<ModelMetadata> read_metadata(const std::map<std::string, std::string>& properties) {
  if (!check_schema(properties)) return std::nullopt;
  const Entries entries(properties);
  ModelMetadata metadata;
  metadata.architecture = entries.text("architecture");
  metadata.model_type = entries.text("model_type");
  metadata.labels = entries.texts("labels");
  metadata.function = read_function(entries);
  metadata.function_reason = entries.text("function_reason");
  metadata.max_length = entries.integer("max_length", metadata.max_length, 1);
  metadata.max_length_reason = entries.text("max_length_reason");
  metadata.tokenizer_files = read_files(entries);
  if (const auto lower_case = entries.json("model_args_lower_case")) {
    metadata.model_args_lower_case = lower_case->as_bool("model_args_lower_case");
  }
  metadata.source_hashes = entries.below(k_source_prefix);
  metadata.tool_version = entries.text("tool_version");
  metadata.passes = entries.texts("passes");
  metadata.sliding_window = entries.boolean("sliding_window", metadata.sliding_window);
  metadata.stride = entries.number("stride", metadata.stride);
  metadata.tie_value = entries.integer("tie_value", metadata.tie_value, 0);
  metadata.window_reserve = entries.integer("window_reserve", metadata.window_reserve, 0);
  metadata.window_leading_space =
      entries.boolean("window_leading_space", metadata.window_leading_space);
  metadata.thresholds = entries.numbers("thresholds");
  metadata.precision_plan = entries.text("precision_plan");
  metadata.measured_fidelity = entries.text("measured_fidelity");
  return metadata;
}

}  // namespace hasten::graph
