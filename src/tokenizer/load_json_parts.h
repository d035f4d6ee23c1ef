// The parts of tokenizer.json, each read by itself. All throw k_malformed for what is not one, and
// k_unsupported, naming it, for what cannot be run.
#pragma once

#include <simdjson.h>

#include <string>
#include <vector>

#include "base/json.h"
#include "tokenizer/definition.h"

namespace hasten::tokenizer {

// Sequences are flattened; null is none.
std::vector<NormalizerDefinition> read_normalizers(const Json& json);
std::vector<PreTokenizerDefinition> read_pre_tokenizers(const Json& json);
PostProcessor read_post_processor(const Json& json);

// Sets the definition's model and vocabulary. `json` is the model of `text`, the whole tokenizer.json.
void read_model(simdjson::dom::element json, std::string_view text,
                TokenizerDefinition& definition);

// Sets the vocabulary and its scores: [["the", -3.2], ...], at "model", "vocab" of `text`.
void read_unigram_vocabulary(std::string_view text, TokenizerDefinition& definition,
                             UnigramDefinition& model);

// vocab.json: text -> id.
Vocabulary read_vocabulary_json(const std::string& text);

// A part that is small enough for Json; null when the key is missing.
Json read_small_part(simdjson::dom::element parent, const char* key);

[[noreturn]] void fail_malformed_tokenizer(std::string what);
[[noreturn]] void fail_unsupported_tokenizer(std::string_view kind, std::string_view type);

}  // namespace hasten::tokenizer
