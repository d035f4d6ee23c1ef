#include "base/base64.h"
#include "tokenizer/load_json_parts.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

constexpr int k_max_depth = 16;

std::string type_of(const Json& json) {
  return json["type"].as_string("a 'type'");
}

Pattern read_pattern(const Json& json) {
  if (json.is_string()) return {json.as_string("a pattern"), false};
  if (json.contains("Regex")) return {json["Regex"].as_string("a pattern"), true};
  return {json["String"].as_string("a pattern"), false};
}

BertNormalizer read_bert_normalizer(const Json& json) {
  BertNormalizer normalizer;
  normalizer.clean_text = json["clean_text"].as_bool("clean_text");
  normalizer.handle_chinese_chars = json["handle_chinese_chars"].as_bool("handle_chinese_chars");
  if (const Json& strip = json["strip_accents"]; !strip.is_null()) {
    normalizer.strip_accents = strip.as_bool("strip_accents");
  }
  normalizer.lowercase = json["lowercase"].as_bool("lowercase");
  return normalizer;
}

Precompiled read_precompiled(const Json& json) {
  auto charsmap = decode_base64(json["precompiled_charsmap"].as_string("precompiled_charsmap"));
  if (!charsmap) fail_malformed_tokenizer("precompiled_charsmap is not base64");
  return {std::move(*charsmap)};
}

// With an empty text the tokenizers library repeats the text's start at the next change.
std::string read_prefix(const Json& json) {
  const std::string& text = json["prepend"].as_string("prepend");
  if (text.empty()) fail_unsupported_tokenizer("normalizer", "Prepend of nothing");
  return text;
}

void read_normalizer(const Json& json, int depth, std::vector<NormalizerDefinition>& out) {
  if (depth > k_max_depth) fail_malformed_tokenizer("normalizers are nested too deeply");
  using Form = UnicodeForm::Form;
  const std::string type = type_of(json);
  if (type == "Sequence") {
    for (const Json& item : json["normalizers"].as_array("normalizers")) {
      read_normalizer(item, depth + 1, out);
    }
  } else if (type == "BertNormalizer") {
    out.push_back(read_bert_normalizer(json));
  } else if (type == "NFD" || type == "NFKD") {
    out.push_back(UnicodeForm{type == "NFD" ? Form::k_nfd : Form::k_nfkd});
  } else if (type == "NFC" || type == "NFKC") {
    out.push_back(UnicodeForm{type == "NFC" ? Form::k_nfc : Form::k_nfkc});
  } else if (type == "Strip") {
    out.push_back(Strip{json["strip_left"].as_bool("strip_left"),
                        json["strip_right"].as_bool("strip_right")});
  } else if (type == "StripAccents") {
    out.push_back(StripAccents{});
  } else if (type == "Lowercase") {
    out.push_back(Lowercase{});
  } else if (type == "Nmt") {
    out.push_back(Nmt{});
  } else if (type == "ByteLevel") {
    out.push_back(ByteLevelNormalizer{});
  } else if (type == "Prepend") {
    out.push_back(Prepend{read_prefix(json)});
  } else if (type == "Precompiled") {
    out.push_back(read_precompiled(json));
  } else if (type == "Replace") {
    out.push_back(Replace{read_pattern(json["pattern"]), json["content"].as_string("content")});
  } else {
    fail_unsupported_tokenizer("normalizer", type);
  }
}

SplitBehavior read_behavior(const Json& json) {
  const std::string& name = json.as_string("behavior");
  if (name == "Removed") return SplitBehavior::k_removed;
  if (name == "Isolated") return SplitBehavior::k_isolated;
  if (name == "Contiguous") return SplitBehavior::k_contiguous;
  if (name == "MergedWithPrevious") return SplitBehavior::k_merged_with_previous;
  if (name == "MergedWithNext") return SplitBehavior::k_merged_with_next;
  fail_unsupported_tokenizer("behavior", name);
}

// `add_prefix_space` is how older files said it: true for always, false for never.
Metaspace read_metaspace(const Json& json) {
  Metaspace metaspace;
  metaspace.replacement = json["replacement"].as_string("replacement");
  if (count_code_points(metaspace.replacement) != 1) {
    fail_malformed_tokenizer("Metaspace's replacement is not one character");
  }
  const std::string scheme = json.get_string("prepend_scheme", "always");
  if (scheme == "first") {
    metaspace.prepend = Metaspace::Prepend::k_first;
  } else if (scheme == "never") {
    metaspace.prepend = Metaspace::Prepend::k_never;
  } else if (scheme != "always") {
    fail_unsupported_tokenizer("prepend_scheme", scheme);
  }
  if (!json.get_bool("add_prefix_space", true)) metaspace.prepend = Metaspace::Prepend::k_never;
  metaspace.split = json.get_bool("split", true);
  return metaspace;
}

char32_t read_delimiter(const Json& json) {
  const std::string& text = json.as_string("delimiter");
  if (count_code_points(text) != 1) fail_malformed_tokenizer("a delimiter is not one character");
  const char* cursor = text.data();
  return next_code_point(cursor);
}

std::size_t read_length(const Json& json) {
  const std::int64_t length = json.get_integer("length", 5);
  if (length < 1) fail_malformed_tokenizer("FixedLength's length is not positive");
  return static_cast<std::size_t>(length);
}

void read_pre_tokenizer(const Json& json, int depth, std::vector<PreTokenizerDefinition>& out) {
  if (depth > k_max_depth) fail_malformed_tokenizer("pre-tokenizers are nested too deeply");
  const std::string type = type_of(json);
  if (type == "Sequence") {
    for (const Json& item : json["pretokenizers"].as_array("pretokenizers")) {
      read_pre_tokenizer(item, depth + 1, out);
    }
  } else if (type == "BertPreTokenizer") {
    out.push_back(BertPreTokenizer{});
  } else if (type == "ByteLevel") {
    out.push_back(ByteLevel{json["add_prefix_space"].as_bool("add_prefix_space"),
                            json.get_bool("use_regex", true)});
  } else if (type == "Metaspace") {
    out.push_back(read_metaspace(json));
  } else if (type == "Whitespace") {
    out.push_back(Whitespace{});
  } else if (type == "WhitespaceSplit") {
    out.push_back(WhitespaceSplit{});
  } else if (type == "Punctuation") {
    const Json& behavior = json["behavior"];
    out.push_back(
        Punctuation{behavior.is_null() ? SplitBehavior::k_isolated : read_behavior(behavior)});
  } else if (type == "Digits") {
    out.push_back(Digits{json["individual_digits"].as_bool("individual_digits")});
  } else if (type == "Split") {
    out.push_back(Split{read_pattern(json["pattern"]), read_behavior(json["behavior"]),
                        json["invert"].as_bool("invert")});
  } else if (type == "CharDelimiterSplit" || type == "Delimiter") {
    out.push_back(CharDelimiterSplit{read_delimiter(json["delimiter"])});
  } else if (type == "FixedLength") {
    out.push_back(FixedLength{read_length(json)});
  } else if (type == "UnicodeScripts") {
    out.push_back(UnicodeScripts{});
  } else {
    fail_unsupported_tokenizer("pre-tokenizer", type);
  }
}

using Kind = TemplatePiece::Kind;

std::int32_t read_id(const Json& json) {
  const std::int64_t id = json.as_integer("a token's id");
  if (id < 0 || id >= INT32_MAX) fail_malformed_tokenizer("a token's id is out of range");
  return static_cast<std::int32_t>(id);
}

std::vector<TemplatePiece> read_template(const Json& json, const Json& special_tokens) {
  std::vector<TemplatePiece> pieces;
  for (const Json& item : json.as_array("a template")) {
    TemplatePiece piece;
    if (const Json& sequence = item["Sequence"]; !sequence.is_null()) {
      const std::string& name = sequence["id"].as_string("a template's sequence");
      if (name != "A" && name != "B") fail_malformed_tokenizer("a template's sequence is odd");
      piece.kind = name == "B" ? Kind::k_second : Kind::k_first;
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

TemplatePiece special(const Json& pair, std::int32_t type_id) {
  const auto& items = pair.as_array("a special token");
  if (items.size() != 2) fail_malformed_tokenizer("a special token is not a pair of text and id");
  return {Kind::k_special, type_id, {read_id(items[1])}};
}

PostProcessor read_one_post_processor(const Json& json) {
  const std::string type = type_of(json);
  if (type == "TemplateProcessing") {
    return {read_template(json["single"], json["special_tokens"]),
            read_template(json["pair"], json["special_tokens"])};
  }
  if (type == "BertProcessing") {
    return make_bert_processor(special(json["cls"], 0).ids, special(json["sep"], 0).ids);
  }
  if (type == "RobertaProcessing") {
    return make_roberta_processor(special(json["cls"], 0).ids, special(json["sep"], 0).ids);
  }
  fail_unsupported_tokenizer("post-processor", type);
}

}  // namespace

std::vector<NormalizerDefinition> read_normalizers(const Json& json) {
  std::vector<NormalizerDefinition> out;
  if (!json.is_null()) read_normalizer(json, 0, out);
  return out;
}

std::vector<PreTokenizerDefinition> read_pre_tokenizers(const Json& json) {
  std::vector<PreTokenizerDefinition> out;
  if (!json.is_null()) read_pre_tokenizer(json, 0, out);
  return out;
}

// ByteLevel changes offsets alone; of the others one is run.
PostProcessor read_post_processor(const Json& json) {
  if (json.is_null()) return {};
  std::vector<const Json*> processors;
  const bool sequence = type_of(json) == "Sequence";
  const Json::Array alone = sequence ? Json::Array() : Json::Array{json};
  for (const Json& item : sequence ? json["processors"].as_array("processors") : alone) {
    if (type_of(item) != "ByteLevel") processors.push_back(&item);
  }
  if (processors.size() > 1) fail_unsupported_tokenizer("post-processor", "Sequence of several");
  return processors.empty() ? PostProcessor() : read_one_post_processor(*processors.front());
}

}  // namespace hasten::tokenizer
