// The special and added tokens of a tokenizer class, as transformers 4.57 settles them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tokenizer/settings.h"

namespace hasten::tokenizer {

// The names of the seven roles, in transformers' order.
const std::vector<std::string>& special_token_roles();

// Sets settings.special_tokens out of settings.given, the class's defaults, and what tokenizer.json lists of added
// tokens and says of padding.
void resolve_special_tokens(Settings& settings, const TokenizerDefinition& definition);

// Adds the tokens that the settings name and the definition lacks.
void add_settings_tokens(const Settings& settings, TokenizerDefinition& definition);

// The ids of the slow tokenizer, which the special tokens of a text keep when it is converted to a fast one: they
// are other ones than the fast one gives where added_tokens_decoder skips ids.
class SlowIds {
 public:
  SlowIds(const Settings& settings, const Vocabulary& vocabulary);

  // The id of an added token, else the model's; none for another text.
  std::optional<std::int32_t> id_of(std::string_view content) const;

 private:
  const Vocabulary& vocabulary_;
  std::unordered_map<std::string, std::int32_t> added_;
};

}  // namespace hasten::tokenizer
