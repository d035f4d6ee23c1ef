// What tokenizer_config.json and its companions say: the constructor arguments of a transformers
// tokenizer class, resolved as transformers 4.57 resolves them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "tokenizer/definition.h"
#include "tokenizer/tokenizer_class.h"

namespace hasten::tokenizer {

using Files = std::map<std::string, std::string>;

struct Settings {
  TokenizerClass tokenizer_class;
  Json config;                  // tokenizer_config.json, or null
  // The order is that of transformers' SPECIAL_TOKENS_ATTRIBUTES.
  std::vector<std::pair<std::string, NamedToken>> special_tokens;
  std::map<std::int64_t, AddedToken> added_tokens;

  std::optional<bool> do_lower_case;
  // It is there and counts: the class has a fast form, or its own files are missing.
  bool has_tokenizer_json = false;

  // The text of a role such as "cls_token"; empty where there is none.
  std::string special(std::string_view role) const;
};

Settings read_settings(const Files& files, std::string_view model_type,
                       std::optional<bool> model_args_lower_case);

// Adds the tokens that the settings name and the definition lacks.
void add_settings_tokens(const Settings& settings, TokenizerDefinition& definition);

// Replaces what transformers replaces after loading: flags of BertNormalizer, the prefix space of
// ByteLevel, the side of truncation; and takes the types from classes that have none.
void apply_settings(const Settings& settings, TokenizerDefinition& definition);

// An added token as JSON has it, an object with flags. Those of a special one default to what
// AddedToken(special=True) has.
AddedToken read_added_token(const Json& json, bool special);

}  // namespace hasten::tokenizer
