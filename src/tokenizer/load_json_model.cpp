#include <fmt/format.h>

#include "tokenizer/bpe_merges.h"
#include "tokenizer/load_json_parts.h"

namespace hasten::tokenizer {
namespace {

using Element = simdjson::dom::element;

bool get(Element parent, const char* key, Element& out) {
  return parent[key].get(out) == simdjson::SUCCESS && !out.is_null();
}

std::string_view read_text(Element element) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) fail_malformed_tokenizer("a token is no text");
  return text;
}

Element require(Element parent, const char* key) {
  Element out;
  if (!get(parent, key, out)) fail_malformed_tokenizer(fmt::format("the model has no '{}'", key));
  return out;
}

bool read_flag(Element parent, const char* key) {
  return read_small_part(parent, key).is_null() ? false : read_small_part(parent, key).as_bool(key);
}

std::string read_string(Element parent, const char* key) {
  return read_small_part(parent, key).as_string(key);
}

std::string read_optional_string(Element parent, const char* key) {
  const Json json = read_small_part(parent, key);
  return json.is_null() ? std::string() : json.as_string(key);
}

// Text -> id.
Vocabulary read_vocabulary(Element json) {
  simdjson::dom::object object;
  if (json.get(object) != simdjson::SUCCESS)
    fail_malformed_tokenizer("the vocabulary is no object");
  std::vector<TrieEntry> entries;
  entries.reserve(object.size());
  for (const auto field : object) {
    std::int64_t id = -1;
    if (field.value.get(id) != simdjson::SUCCESS || id < 0 || id >= INT32_MAX) {
      fail_malformed_tokenizer("a token's id is out of range");
    }
    entries.push_back({field.key, static_cast<std::int32_t>(id)});
  }
  return Vocabulary(std::move(entries));
}

void read_word_piece(Element json, TokenizerDefinition& definition) {
  WordPieceDefinition model;
  model.unknown_token = read_string(json, "unk_token");
  model.continuing_subword_prefix = read_string(json, "continuing_subword_prefix");
  const std::int64_t limit =
      read_small_part(json, "max_input_chars_per_word").as_integer("max_input_chars_per_word");
  if (limit < 0) fail_malformed_tokenizer("max_input_chars_per_word is negative");
  model.max_input_chars_per_word = static_cast<std::size_t>(limit);
  definition.vocabulary = read_vocabulary(require(json, "vocab"));
  definition.model = std::move(model);
}

void read_word_level(Element json, TokenizerDefinition& definition) {
  definition.vocabulary = read_vocabulary(require(json, "vocab"));
  definition.model = WordLevelDefinition{read_string(json, "unk_token")};
}

// A merge is "left right", or a pair of texts.
void read_merge(Element element, BpeMerges& merges) {
  std::string_view line;
  if (element.get(line) == simdjson::SUCCESS) {
    merges.add_line(line);
    return;
  }
  simdjson::dom::array pair;
  if (element.get(pair) != simdjson::SUCCESS || pair.size() != 2) {
    fail_malformed_tokenizer("a merge is neither a text nor a pair of texts");
  }
  merges.add(read_text(pair.at(0).value_unsafe()), read_text(pair.at(1).value_unsafe()));
}

void read_bpe(Element json, TokenizerDefinition& definition) {
  const Json dropout = read_small_part(json, "dropout");
  if (!dropout.is_null() && dropout.as_number("dropout") != 0) {
    fail_unsupported_tokenizer("BPE option", "dropout");
  }
  BpeDefinition model;
  Element unused;
  if (get(json, "unk_token", unused)) model.unknown_token = read_string(json, "unk_token");
  model.continuing_subword_prefix = read_optional_string(json, "continuing_subword_prefix");
  model.end_of_word_suffix = read_optional_string(json, "end_of_word_suffix");
  model.fuse_unknown = read_flag(json, "fuse_unk");
  model.byte_fallback = read_flag(json, "byte_fallback");
  model.ignore_merges = read_flag(json, "ignore_merges");
  definition.vocabulary = read_vocabulary(require(json, "vocab"));
  simdjson::dom::array list;
  if (require(json, "merges").get(list) != simdjson::SUCCESS) {
    fail_malformed_tokenizer("the merges are no array");
  }
  BpeMerges merges(definition.vocabulary, model.continuing_subword_prefix, list.size());
  for (const Element element : list) read_merge(element, merges);
  model.merges = std::move(merges).take();
  definition.model = std::move(model);
}

void read_unigram(Element json, std::string_view text, TokenizerDefinition& definition) {
  UnigramDefinition model;
  const Json unknown = read_small_part(json, "unk_id");
  if (unknown.is_null()) fail_unsupported_tokenizer("Unigram model", "without unk_id");
  const std::int64_t id = unknown.as_integer("unk_id");
  model.unknown_id = id < 0 || id > INT32_MAX ? -1 : static_cast<std::int32_t>(id);
  model.byte_fallback = read_flag(json, "byte_fallback");
  read_unigram_vocabulary(text, definition, model);
  definition.model = std::move(model);
}

// Files of old versions do not say which model they hold.
std::string guess_type(Element json) {
  Element element;
  if (get(json, "merges", element)) return "BPE";
  if (get(json, "continuing_subword_prefix", element)) return "WordPiece";
  return require(json, "vocab").is_array() ? "Unigram" : "WordLevel";
}

}  // namespace

Vocabulary read_vocabulary_json(const std::string& text) {
  simdjson::dom::parser parser;
  Element root;
  if (const auto error = parser.parse(text).get(root)) {
    fail_malformed_tokenizer(
        fmt::format("vocab.json is not valid JSON: {}", simdjson::error_message(error)));
  }
  return read_vocabulary(root);
}

void read_model(Element json, std::string_view text, TokenizerDefinition& definition) {
  const std::string type =
      json["type"].error() == simdjson::SUCCESS ? read_string(json, "type") : guess_type(json);
  if (type == "WordPiece") {
    read_word_piece(json, definition);
  } else if (type == "WordLevel") {
    read_word_level(json, definition);
  } else if (type == "BPE") {
    read_bpe(json, definition);
  } else if (type == "Unigram") {
    read_unigram(json, text, definition);
  } else {
    fail_unsupported_tokenizer("model", type);
  }
}

}  // namespace hasten::tokenizer
