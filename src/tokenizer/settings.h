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

namespace hasten::tokenizer {

using Files = std::map<std::string, std::string>;

// A special token by role; `is_object` when a file gave its flags, not only its text.
struct NamedToken {
  AddedToken token;
  bool is_object = false;
};

struct Settings {
  std::string tokenizer_class;  // "BertTokenizer": never with "Fast"
  Json config;                  // tokenizer_config.json, or null
  // The order is that of transformers' SPECIAL_TOKENS_ATTRIBUTES.
  std::vector<std::pair<std::string, NamedToken>> special_tokens;
  std::map<std::int64_t, AddedToken> added_tokens;

  std::optional<bool> do_lower_case;
  // Whether the class rebuilds BertNormalizer with its constructor arguments.
  bool is_bert_like() const;
  // The text of a role such as "cls_token"; empty where there is none.
  std::string special(std::string_view role) const;
};

Settings read_settings(const Files& files, std::string_view model_type,
                       std::optional<bool> model_args_lower_case);

// Adds the tokens that the settings name and the definition lacks.
void add_settings_tokens(const Settings& settings, TokenizerDefinition& definition);

// Replaces what transformers replaces after loading: flags of BertNormalizer, the prefix space of
// a pre-tokenizer, the side of truncation.
void apply_settings(const Settings& settings, TokenizerDefinition& definition);

// An added token as JSON has it: a text, or an object with flags.
NamedToken read_added_token(const Json& json, bool special);

}  // namespace hasten::tokenizer
