#include "tokenizer/load_json.h"

#include <fmt/format.h>

#include "base/error.h"
#include "tokenizer/load_json_parts.h"
#include "tokenizer/settings.h"

namespace hasten::tokenizer {
namespace {

constexpr const char* k_file = "tokenizer.json";

void read_added_tokens(const Json& json, TokenizerDefinition& definition) {
  if (json.is_null()) return;
  std::vector<AddedToken> tokens;
  for (const Json& item : json.as_array("added_tokens")) {
    tokens.push_back(read_settings_token(item).resolved());
    definition.listed_added_tokens.emplace_back(item.get_integer("id", 0), tokens.back());
  }
  definition.added_tokens.add(tokens, definition.vocabulary);
}

}  // namespace

void fail_malformed_tokenizer(std::string what) {
  fail(ErrorCode::k_malformed, std::move(what), k_file);
}

void fail_unsupported_tokenizer(std::string_view kind, std::string_view type) {
  fail(ErrorCode::k_unsupported, fmt::format("the {} '{}' is not supported", kind, type), k_file);
}

Json read_small_part(simdjson::dom::element parent, const char* key) {
  simdjson::dom::element element;
  if (parent[key].get(element) != simdjson::SUCCESS) return Json();
  return Json::parse(simdjson::minify(element), k_file);
}

TokenizerDefinition read_tokenizer_json(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root)) {
    fail_malformed_tokenizer(fmt::format("not valid JSON: {}", simdjson::error_message(error)));
  }
  TokenizerDefinition definition;
  const Json normalizer = read_small_part(root, "normalizer");
  definition.normalizers = read_normalizers(normalizer);
  definition.is_normalizer_sequence = normalizer.contains("normalizers");
  definition.pattern_normalizers = definition.normalizers;
  const Json pre_tokenizer = read_small_part(root, "pre_tokenizer");
  definition.pre_tokenizers = read_pre_tokenizers(pre_tokenizer);
  definition.is_pre_tokenizer_sequence = pre_tokenizer.contains("pretokenizers");
  simdjson::dom::element model;
  if (root["model"].get(model) != simdjson::SUCCESS) {
    fail_malformed_tokenizer("there is no 'model'");
  }
  read_model(model, text, definition);
  definition.post_processor = read_post_processor(read_small_part(root, "post_processor"));
  read_added_tokens(read_small_part(root, "added_tokens"), definition);
  definition.padding_token = read_small_part(root, "padding").get_string("pad_token", "");
  definition.truncate_left =
      read_small_part(root, "truncation").get_string("direction", "Right") == "Left";
  return definition;
}

}  // namespace hasten::tokenizer
