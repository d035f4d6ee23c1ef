#include "tokenizer/load_json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/error.h"
#include "base/json.h"
#include "tokenizer/settings.h"

namespace hasten::tokenizer {
namespace {

constexpr const char* k_file = "tokenizer.json";

[[noreturn]] void fail_malformed(std::string what) {
  fail(ErrorCode::k_malformed, std::move(what), k_file);
}

[[noreturn]] void fail_type(std::string_view kind, std::string_view type) {
  fail(ErrorCode::k_unsupported, fmt::format("the {} '{}' is not supported", kind, type), k_file);
}

// The large parts, vocabulary and merges, are read from simdjson's own tree, the rest as Json.
Json small_part(simdjson::dom::element element) {
  return Json::parse(simdjson::minify(element), k_file);
}

Json optional_part(simdjson::dom::element root, const char* key) {
  simdjson::dom::element element;
  return root[key].get(element) == simdjson::SUCCESS ? small_part(element) : Json();
}

std::string type_of(const Json& json) { return json["type"].as_string("a 'type'"); }

NormalizerDefinition read_normalizer(const Json& json) {
  const std::string type = type_of(json);
  if (type == "BertNormalizer") {
    BertNormalizer normalizer;
    normalizer.clean_text = json["clean_text"].as_bool("clean_text");
    normalizer.handle_chinese_chars = json["handle_chinese_chars"].as_bool("handle_chinese_chars");
    if (const Json& strip = json["strip_accents"]; !strip.is_null()) {
      normalizer.strip_accents = strip.as_bool("strip_accents");
    }
    normalizer.lowercase = json["lowercase"].as_bool("lowercase");
    return normalizer;
  }
  fail_type("normalizer", type);
}

PreTokenizerDefinition read_pre_tokenizer(const Json& json) {
  const std::string type = type_of(json);
  if (type == "BertPreTokenizer") return BertPreTokenizer{};
  fail_type("pre-tokenizer", type);
}

std::int32_t read_id(const Json& json) {
  const std::int64_t id = json.as_integer("a token's id");
  if (id < 0 || id > INT32_MAX) fail_malformed("a token's id is out of range");
  return static_cast<std::int32_t>(id);
}

std::vector<TemplatePiece> read_template(const Json& json, const Json& special_tokens) {
  std::vector<TemplatePiece> pieces;
  for (const Json& item : json.as_array("a template")) {
    TemplatePiece piece;
    if (const Json& sequence = item["Sequence"]; !sequence.is_null()) {
      const bool second = sequence["id"].as_string("a template's sequence") == "B";
      piece.kind = second ? TemplatePiece::Kind::k_second : TemplatePiece::Kind::k_first;
      piece.type_id = read_id(sequence["type_id"]);
    } else {
      const Json& token = item["SpecialToken"];
      piece.type_id = read_id(token["type_id"]);
      const std::string& name = token["id"].as_string("a template's special token");
      for (const Json& id : special_tokens[name]["ids"].as_array("a special token's ids")) {
        piece.ids.push_back(read_id(id));
      }
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

PostProcessor read_post_processor(const Json& json) {
  PostProcessor post_processor;
  if (json.is_null()) return post_processor;
  using Kind = TemplatePiece::Kind;
  const std::string type = type_of(json);
  if (type == "TemplateProcessing") {
    post_processor.single = read_template(json["single"], json["special_tokens"]);
    post_processor.pair = read_template(json["pair"], json["special_tokens"]);
  } else if (type == "BertProcessing") {
    const auto id_of = [&](const char* key) {
      const auto& pair = json[key].as_array(key);
      if (pair.size() != 2) fail_malformed("BertProcessing's tokens are no pairs");
      return std::vector<std::int32_t>{read_id(pair[1])};
    };
    const auto cls = id_of("cls");
    const auto sep = id_of("sep");
    post_processor.single = {
        {Kind::k_special, 0, cls}, {Kind::k_first, 0, {}}, {Kind::k_special, 0, sep}};
    post_processor.pair = post_processor.single;
    post_processor.pair.push_back({Kind::k_second, 1, {}});
    post_processor.pair.push_back({Kind::k_special, 1, sep});
  } else {
    fail_type("post-processor", type);
  }
  return post_processor;
}

Vocabulary read_vocabulary(simdjson::dom::element json) {
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS) fail_malformed("the vocabulary is no object");
  std::vector<TrieEntry> entries;
  entries.reserve(object.size());
  for (const auto field : object) {
    std::int64_t id = -1;
    if (field.value.get(id) != simdjson::SUCCESS || id < 0 || id > INT32_MAX) {
      fail_malformed("a token's id is out of range");
    }
    entries.push_back({field.key, static_cast<std::int32_t>(id)});
  }
  return Vocabulary(std::move(entries));
}

void read_model(simdjson::dom::element json, TokenizerDefinition& definition) {
  std::string_view type = "WordPiece";
  if (json["type"].get(type) == simdjson::SUCCESS && type != "WordPiece") fail_type("model", type);
  simdjson::dom::element vocabulary;
  if (json["vocab"].get(vocabulary) != simdjson::SUCCESS) fail_malformed("the model has no 'vocab'");
  definition.vocabulary = read_vocabulary(vocabulary);
  WordPieceDefinition model;
  model.unknown_token = optional_part(json, "unk_token").as_string("unk_token");
  model.continuing_subword_prefix =
      optional_part(json, "continuing_subword_prefix").as_string("continuing_subword_prefix");
  const std::int64_t limit =
      optional_part(json, "max_input_chars_per_word").as_integer("max_input_chars_per_word");
  if (limit < 0) fail_malformed("max_input_chars_per_word is negative");
  model.max_input_chars_per_word = static_cast<std::size_t>(limit);
  definition.model = std::move(model);
}

void read_added_tokens(const Json& json, TokenizerDefinition& definition) {
  if (json.is_null()) return;
  std::vector<AddedToken> tokens;
  for (const Json& item : json.as_array("added_tokens")) {
    tokens.push_back(read_added_token(item, false).token);
  }
  definition.added_tokens.add(tokens, definition.vocabulary);
}

}  // namespace

TokenizerDefinition read_tokenizer_json(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root)) {
    fail_malformed(fmt::format("not valid JSON: {}", simdjson::error_message(error)));
  }
  TokenizerDefinition definition;
  if (const Json json = optional_part(root, "normalizer"); !json.is_null()) {
    definition.normalizers.push_back(read_normalizer(json));
  }
  definition.pattern_normalizers = definition.normalizers;
  if (const Json json = optional_part(root, "pre_tokenizer"); !json.is_null()) {
    definition.pre_tokenizers.push_back(read_pre_tokenizer(json));
  }
  simdjson::dom::element model;
  if (root["model"].get(model) != simdjson::SUCCESS) fail_malformed("there is no 'model'");
  read_model(model, definition);
  definition.post_processor = read_post_processor(optional_part(root, "post_processor"));
  read_added_tokens(optional_part(root, "added_tokens"), definition);
  definition.truncate_left =
      optional_part(root, "truncation").get_string("direction", "Right") == "Left";
  return definition;
}

}  // namespace hasten::tokenizer
