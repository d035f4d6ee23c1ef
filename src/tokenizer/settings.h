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

// The tokens of the files, before the class's constructor sees them.
struct GivenTokens {
  // By role, "cls_token"; none where the file says null.
  std::map<std::string, std::optional<SettingsToken>> roles;
  std::optional<std::vector<SettingsToken>> additional;
  // extra_special_tokens: roles of the model's own.
  std::vector<std::pair<std::string, SettingsToken>> extra;
  // tokenizer_config.json has added_tokens_decoder, and the older files do not count.
  bool has_decoder = false;
  // The tokens by which those of the roles are replaced.
  std::map<std::string, SettingsToken> by_content;
};

struct Settings {
  TokenizerClass tokenizer_class;
  Json config;  // tokenizer_config.json, or null
  GivenTokens given;
  // added_tokens_decoder, or what older files have instead: by id.
  std::map<std::int64_t, SettingsToken> added_tokens;
  // In the order of transformers' SPECIAL_TOKENS_ATTRIBUTES, after resolve_special_tokens().
  std::vector<std::pair<std::string, SettingsToken>> special_tokens;

  std::optional<bool> do_lower_case;
  // It is there and counts: the class has a fast form, or its own files are missing.
  bool has_tokenizer_json = false;

  // The text of a role such as "cls_token"; empty where there is none.
  std::string special(std::string_view role) const;
};

// Without a tokenizer.json the special tokens are resolved too.
Settings read_settings(const Files& files, std::string_view model_type,
                       std::optional<bool> model_args_lower_case);

// Replaces what transformers replaces after loading: flags of BertNormalizer, the prefix space of
// ByteLevel, the side of truncation, whether special tokens are found in texts.
void apply_settings(const Settings& settings, TokenizerDefinition& definition);

// The flags of the settings, Chinese characters' where asked for.
void set_bert_flags(const Settings& settings, bool with_chinese, BertNormalizer& normalizer);

// Takes the types from classes that give none.
void drop_unused_types(const Settings& settings, TokenizerDefinition& definition);

// An added token as JSON has it, an object with flags.
SettingsToken read_settings_token(const Json& json);

}  // namespace hasten::tokenizer
