#include "tokenizer/settings.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "tokenizer/special_tokens.h"

namespace hasten::tokenizer {
namespace {

Json parse_file(const Files& files, const std::string& name) {
  const auto found = files.find(name);
  return found == files.end() ? Json() : Json::parse(found->second, name);
}

TokenizerClass read_class(const Json& config, const Json& model_config,
                          std::string_view model_type) {
  std::string name = config.get_string("tokenizer_class", "");
  if (name.empty()) name = model_config.get_string("tokenizer_class", "");
  return name.empty() ? tokenizer_class_of_model_type(model_type) : tokenizer_class_of_name(name);
}

constexpr const char* k_additional = "additional_special_tokens";

// The roles of tokenizer_config.json. Objects there are read late: special_tokens_map.json and added_tokens.json do
// not know them again.
SettingsToken read_config_token(const Json& value, std::string_view role) {
  if (value.is_object()) {
    SettingsToken token = read_settings_token(value);
    token.is_raw = true;
    return token;
  }
  return SettingsToken::of_text(value.as_string(role));
}

void read_config_roles(const Json& config, GivenTokens& given) {
  for (const std::string& role : special_token_roles()) {
    if (!config.contains(role)) continue;
    const Json& value = config[role];
    given.roles[role] =
        value.is_null() ? std::nullopt : std::optional(read_config_token(value, role));
  }
  if (config.contains(k_additional)) {
    auto& list = given.additional.emplace();
    if (const Json& more = config[k_additional]; !more.is_null()) {
      for (const Json& value : more.as_array(k_additional))
        list.push_back(read_config_token(value, k_additional));
    }
  }
  constexpr const char* k_extra = "extra_special_tokens";
  if (const Json& extra = config[k_extra]; extra.is_object()) {
    for (const auto& [name, value] : extra.as_object(k_extra)) {
      given.extra.emplace_back(name, read_config_token(value, k_extra));
    }
  } else if (extra.is_array()) {  // as transformers 5 writes them
    for (const Json& value : extra.as_array(k_extra)) {
      given.extra.emplace_back(k_extra, read_config_token(value, k_extra));
    }
  }
}

void read_added_tokens_decoder(const Json& decoder, Settings& settings) {
  settings.given.has_decoder = true;
  for (const auto& [key, value] : decoder.as_object("added_tokens_decoder")) {
    std::int64_t id = 0;
    const auto parsed = std::from_chars(key.data(), key.data() + key.size(), id);
    if (parsed.ec != std::errc() || parsed.ptr != key.data() + key.size()) {
      fail(ErrorCode::k_malformed, "a key of added_tokens_decoder is no id",
           "tokenizer_config.json: " + key);
    }
    settings.added_tokens[id] = read_settings_token(value);
    settings.given.by_content[settings.added_tokens[id].content] = settings.added_tokens[id];
  }
}

// special_tokens_map.json, which stands above tokenizer_config.json. Returns the last of its additional tokens.
std::optional<std::string> read_special_tokens_map(const Json& map, GivenTokens& given) {
  const auto read = [](const Json& value, std::string_view role) {
    if (!value.is_object()) return SettingsToken::of_text(value.as_string(role));
    SettingsToken token = read_settings_token(value);
    token.special = true;
    return token;
  };
  for (const std::string& role : special_token_roles()) {
    if (!map.contains(role)) continue;
    const Json& value = map[role];
    given.roles[role] = value.is_null() ? std::nullopt : std::optional(read(value, role));
  }
  std::optional<std::string> last;
  if (!map[k_additional].is_array()) return last;
  if (!given.additional) given.additional.emplace();
  for (const Json& value : map[k_additional].as_array(k_additional)) {
    const SettingsToken token = read(value, k_additional);
    const auto same = [&](const SettingsToken& known) {
      return !known.is_raw && known.is_object == token.is_object &&
             known.resolved() == token.resolved();
    };
    if (std::none_of(given.additional->begin(), given.additional->end(), same))
      given.additional->push_back(token);
    last = token.content;
  }
  return last;
}

// added_tokens.json: text -> id. transformers files the last of them under `last`, by a slip.
void read_legacy_added_tokens(const Json& json, const std::optional<std::string>& last,
                              Settings& settings) {
  if (json.is_null()) return;
  GivenTokens& given = settings.given;
  const auto is_special = [&](const std::string& content) {
    const auto names = [&](const SettingsToken& token) {
      return !token.is_raw && token.content == content;
    };
    return std::any_of(given.roles.begin(), given.roles.end(),
                       [&](const auto& role) { return role.second && names(*role.second); }) ||
           (given.additional &&
            std::any_of(given.additional->begin(), given.additional->end(), names));
  };
  for (const auto& [content, id] : json.as_object("added_tokens.json")) {
    SettingsToken token = SettingsToken::of_text(content);
    token.is_object = true;
    token.special = is_special(content);
    token.settle();
    settings.added_tokens[id.as_integer("an id of added_tokens.json")] = token;
    if (last) given.by_content[*last] = token;
  }
}

// tokenizer_config.json may name the inputs itself.
bool has_type_ids(const Settings& settings) {
  const Json& names = settings.config["model_input_names"];
  if (!names.is_array()) return settings.tokenizer_class.has_type_ids;
  const auto& list = names.as_array("model_input_names");
  return std::any_of(list.begin(), list.end(), [](const Json& name) {
    return name.is_string() && name.as_string("a name") == "token_type_ids";
  });
}

// The files of a class that has no fast form, for which transformers passes a tokenizer.json over.
bool has_own_files(const Files& files, Family family) {
  const auto has = [&](const char* a, const char* b) {
    return files.contains(a) && files.contains(b);
  };
  return (family == Family::k_bertweet && has("vocab.txt", "bpe.codes")) ||
         (family == Family::k_xlm && has("vocab.json", "merges.txt"));
}

}  // namespace

std::string Settings::special(std::string_view role) const {
  for (const auto& [name, named] : special_tokens) {
    if (name == role) return named.content;
  }
  return {};
}

SettingsToken read_settings_token(const Json& json) {
  SettingsToken token;
  token.content = json["content"].as_string("the content of an added token");
  token.is_object = true;
  token.special = json.get_bool("special", false);
  token.single_word = json.get_bool("single_word", false);
  token.lstrip = json.get_bool("lstrip", false);
  token.rstrip = json.get_bool("rstrip", false);
  if (const Json& value = json["normalized"]; !value.is_null())
    token.normalized = value.as_bool("normalized");
  return token;
}

Settings read_settings(const Files& files, std::string_view model_type,
                       std::optional<bool> model_args_lower_case) {
  Settings settings;
  settings.config = parse_file(files, "tokenizer_config.json");
  settings.tokenizer_class =
      read_class(settings.config, parse_file(files, "config.json"), model_type);
  const Family family = settings.tokenizer_class.family;
  settings.has_tokenizer_json = files.contains("tokenizer.json") && !has_own_files(files, family);
  read_config_roles(settings.config, settings.given);
  if (const Json& decoder = settings.config["added_tokens_decoder"]; !decoder.is_null()) {
    read_added_tokens_decoder(decoder, settings);
  } else {
    const auto last =
        read_special_tokens_map(parse_file(files, "special_tokens_map.json"), settings.given);
    read_legacy_added_tokens(parse_file(files, "added_tokens.json"), last, settings);
  }
  if (!settings.has_tokenizer_json) resolve_special_tokens(settings, TokenizerDefinition());
  settings.do_lower_case = model_args_lower_case;
  if (const Json& value = settings.config["do_lower_case"]; value.is_bool()) {
    settings.do_lower_case = value.as_bool("do_lower_case");
  }
  return settings;
}

void drop_unused_types(const Settings& settings, TokenizerDefinition& definition) {
  if (has_type_ids(settings)) return;
  for (auto* pieces : {&definition.post_processor.single, &definition.post_processor.pair}) {
    for (TemplatePiece& piece : *pieces) piece.type_id = 0;
  }
}

void set_bert_flags(const Settings& settings, bool with_chinese, BertNormalizer& normalizer) {
  normalizer.lowercase = settings.do_lower_case.value_or(true);
  const Json& strip = settings.config["strip_accents"];
  normalizer.strip_accents =
      strip.is_null() ? std::nullopt : std::optional(strip.as_bool("strip_accents"));
  if (!with_chinese) return;
  normalizer.handle_chinese_chars = settings.config.get_bool("tokenize_chinese_chars", true);
}

void apply_settings(const Settings& settings, TokenizerDefinition& definition) {
  const Json& config = settings.config;
  definition.truncate_left =
      config.get_string("truncation_side", definition.truncate_left ? "left" : "right") == "left";
  if (definition.pre_tokenizers.size() == 1 && !definition.is_pre_tokenizer_sequence) {
    if (auto* byte_level = std::get_if<ByteLevel>(&definition.pre_tokenizers.front())) {
      byte_level->add_prefix_space = config.get_bool("add_prefix_space", false);
    }
  }
  definition.split_special_tokens = config.get_bool("split_special_tokens", false);
  const Family family = settings.tokenizer_class.family;
  if ((family != Family::k_bert && family != Family::k_mpnet) ||
      definition.normalizers.size() != 1 || definition.is_normalizer_sequence) {
    return;
  }
  auto* normalizer = std::get_if<BertNormalizer>(&definition.normalizers.front());
  if (normalizer != nullptr) set_bert_flags(settings, family == Family::k_bert, *normalizer);
}

}  // namespace hasten::tokenizer
