#include "tokenizer/settings.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"

namespace hasten::tokenizer {
namespace {

constexpr std::array<std::string_view, 7> k_roles = {
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};

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

void set_special(Settings& settings, const std::string& role, NamedToken token) {
  for (auto& [name, known] : settings.special_tokens) {
    if (name != role) continue;
    known = std::move(token);
    return;
  }
  settings.special_tokens.emplace_back(role, std::move(token));
}

// The token of a role: an object as it is, a text as the class's constructor wraps it.
NamedToken read_named(const Json& value, std::string_view role, bool special,
                      const Settings& settings) {
  if (value.is_object()) return {read_added_token(value, special), true};
  return wrap_special_token(settings.tokenizer_class.family, role, value.as_string(role),
                            settings.has_tokenizer_json);
}

void read_roles(const Json& json, bool special, Settings& settings) {
  for (const std::string_view role : k_roles) {
    const Json& value = json[role];
    if (!value.is_string() && !value.is_object()) continue;
    set_special(settings, std::string(role), read_named(value, role, special, settings));
  }
  for (const char* key : {"additional_special_tokens", "extra_special_tokens"}) {
    const auto add = [&](const Json& value) {
      settings.special_tokens.emplace_back(key, read_named(value, key, special, settings));
    };
    const Json& more = json[key];
    if (more.is_null()) continue;
    std::erase_if(settings.special_tokens, [&](const auto& named) { return named.first == key; });
    if (more.is_array()) {
      for (const Json& value : more.as_array(key)) add(value);
    } else if (more.is_object()) {
      for (const auto& [name, value] : more.as_object(key)) add(value);
    }
  }
}

void read_added_tokens_decoder(const Json& decoder, Settings& settings) {
  for (const auto& [key, value] : decoder.as_object("added_tokens_decoder")) {
    std::int64_t id = 0;
    const auto parsed = std::from_chars(key.data(), key.data() + key.size(), id);
    if (parsed.ec != std::errc() || parsed.ptr != key.data() + key.size()) {
      fail(ErrorCode::k_malformed, "a key of added_tokens_decoder is no id",
           "tokenizer_config.json: " + key);
    }
    settings.added_tokens[id] = read_added_token(value, false);
  }
  // Named tokens take the flags that the decoder gives them.
  for (auto& [role, named] : settings.special_tokens) {
    if (std::find(k_roles.begin(), k_roles.end(), role) == k_roles.end()) continue;
    for (const auto& [id, token] : settings.added_tokens) {
      if (token.content == named.token.content) named = {token, true};
    }
  }
}

// added_tokens.json of older checkpoints: text -> id.
void read_legacy_added_tokens(const Json& json, Settings& settings) {
  if (json.is_null()) return;
  for (const auto& [content, id] : json.as_object("added_tokens.json")) {
    AddedToken token;
    token.content = content;
    token.special =
        std::any_of(settings.special_tokens.begin(), settings.special_tokens.end(),
                    [&](const auto& named) { return named.second.token.content == token.content; });
    token.normalized = !token.special;
    settings.added_tokens[id.as_integer("an id of added_tokens.json")] = std::move(token);
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
  const auto has = [&](const char* a, const char* b) { return files.contains(a) && files.contains(b); };
  return (family == Family::k_bertweet && has("vocab.txt", "bpe.codes")) ||
         (family == Family::k_xlm && has("vocab.json", "merges.txt"));
}

void sort_by_role(Settings& settings) {
  const auto rank = [](const auto& named) {
    return std::find(k_roles.begin(), k_roles.end(), named.first) - k_roles.begin();
  };
  std::stable_sort(settings.special_tokens.begin(), settings.special_tokens.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

}  // namespace

std::string Settings::special(std::string_view role) const {
  for (const auto& [name, named] : special_tokens) {
    if (name == role) return named.token.content;
  }
  return {};
}

AddedToken read_added_token(const Json& json, bool special) {
  AddedToken token;
  token.content = json["content"].as_string("the content of an added token");
  token.special = special || json.get_bool("special", false);
  token.single_word = json.get_bool("single_word", false);
  token.lstrip = json.get_bool("lstrip", false);
  token.rstrip = json.get_bool("rstrip", false);
  token.normalized = json.get_bool("normalized", !token.special);
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
  for (auto& [role, content] : default_special_tokens(family)) {
    settings.special_tokens.emplace_back(
        role, wrap_special_token(family, role, content, settings.has_tokenizer_json));
  }
  read_roles(settings.config, false, settings);
  if (const Json& decoder = settings.config["added_tokens_decoder"]; !decoder.is_null()) {
    read_added_tokens_decoder(decoder, settings);
  } else {
    read_roles(parse_file(files, "special_tokens_map.json"), true, settings);
    read_legacy_added_tokens(parse_file(files, "added_tokens.json"), settings);
  }
  sort_by_role(settings);
  settings.do_lower_case = model_args_lower_case;
  if (const Json& value = settings.config["do_lower_case"]; value.is_bool()) {
    settings.do_lower_case = value.as_bool("do_lower_case");
  }
  return settings;
}

void add_settings_tokens(const Settings& settings, TokenizerDefinition& definition) {
  std::vector<AddedToken> tokens;
  const auto is_special = [&](const std::string& content) {
    return std::any_of(settings.special_tokens.begin(), settings.special_tokens.end(),
                       [&](const auto& named) { return named.second.token.content == content; });
  };
  for (const auto& [id, token] : settings.added_tokens) {
    tokens.push_back(token);
    tokens.back().special = token.special || is_special(token.content);
  }
  for (const auto& [role, named] : settings.special_tokens) {
    AddedToken token = named.token;
    const auto same = [&](const AddedToken& known) { return known.content == token.content; };
    const bool known = definition.added_tokens.contains(token.content) ||
                       std::any_of(tokens.begin(), tokens.end(), same);
    if (!named.is_object && known) continue;
    if (!named.is_object) token.normalized = false;
    token.special = true;
    tokens.push_back(std::move(token));
  }
  definition.added_tokens.add(tokens, definition.vocabulary);
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
  if (!has_type_ids(settings)) {
    for (auto* pieces : {&definition.post_processor.single, &definition.post_processor.pair}) {
      for (TemplatePiece& piece : *pieces) piece.type_id = 0;
    }
  }
  const Family family = settings.tokenizer_class.family;
  if ((family != Family::k_bert && family != Family::k_mpnet) ||
      definition.normalizers.size() != 1) {
    return;
  }
  auto* normalizer = std::get_if<BertNormalizer>(&definition.normalizers.front());
  if (normalizer == nullptr) return;
  normalizer->lowercase = settings.do_lower_case.value_or(true);
  const Json& strip = config["strip_accents"];
  normalizer->strip_accents =
      strip.is_null() ? std::nullopt : std::optional(strip.as_bool("strip_accents"));
  if (family == Family::k_bert) {
    normalizer->handle_chinese_chars = config.get_bool("tokenize_chinese_chars", true);
  }
}

}  // namespace hasten::tokenizer
