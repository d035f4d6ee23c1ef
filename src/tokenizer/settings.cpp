#include "tokenizer/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include "base/error.h"

namespace hasten::tokenizer {
namespace {

constexpr std::array<std::string_view, 7> k_roles = {
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};

Json parse_file(const Files& files, const std::string& name) {
  const auto found = files.find(name);
  return found == files.end() ? Json() : Json::parse(found->second, name);
}

std::string class_of_model_type(std::string_view model_type) {
  static const std::unordered_map<std::string_view, std::string_view> classes = {
      {"bert", "BertTokenizer"},
      {"distilbert", "DistilBertTokenizer"},
      {"electra", "ElectraTokenizer"},
      {"convbert", "ConvBertTokenizer"},
      {"mobilebert", "MobileBertTokenizer"},
      {"squeezebert", "SqueezeBertTokenizer"},
  };
  const auto found = classes.find(model_type);
  return std::string(found == classes.end() ? "PreTrainedTokenizer" : found->second);
}

std::string tokenizer_class(const Json& config, const Json& model_config,
                            std::string_view model_type) {
  std::string name = config.get_string("tokenizer_class", "");
  if (name.empty()) name = model_config.get_string("tokenizer_class", "");
  if (name.empty()) name = class_of_model_type(model_type);
  if (name.ends_with("Fast")) name.resize(name.size() - 4);
  return name;
}

// The special tokens that a class's constructor has by default.
std::vector<std::pair<std::string, NamedToken>> default_tokens(const Settings& settings) {
  std::vector<std::pair<std::string, NamedToken>> tokens;
  const auto add = [&](std::string role, std::string content) {
    AddedToken token;
    token.content = std::move(content);
    tokens.emplace_back(std::move(role), NamedToken{std::move(token), false});
  };
  if (settings.is_bert_like()) {
    add("unk_token", "[UNK]");
    add("sep_token", "[SEP]");
    add("pad_token", "[PAD]");
    add("cls_token", "[CLS]");
    add("mask_token", "[MASK]");
  }
  return tokens;
}

void set_special(Settings& settings, const std::string& role, NamedToken token) {
  for (auto& [name, known] : settings.special_tokens) {
    if (name != role) continue;
    known = std::move(token);
    return;
  }
  settings.special_tokens.emplace_back(role, std::move(token));
}

void read_roles(const Json& json, bool special, Settings& settings) {
  for (const std::string_view role : k_roles) {
    const Json& value = json[role];
    if (value.is_string() || value.is_object()) {
      set_special(settings, std::string(role), read_added_token(value, special));
    }
  }
  const Json& more = json["additional_special_tokens"];
  if (!more.is_array()) return;
  for (const Json& value : more.as_array("additional_special_tokens")) {
    settings.special_tokens.emplace_back("additional_special_tokens",
                                         read_added_token(value, special));
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
    settings.added_tokens[id] = read_added_token(value, false).token;
  }
  // Named tokens take the flags that the decoder gives them.
  for (auto& [role, named] : settings.special_tokens) {
    if (role == "additional_special_tokens") continue;
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

void sort_by_role(Settings& settings) {
  const auto rank = [](const auto& named) {
    return std::find(k_roles.begin(), k_roles.end(), named.first) - k_roles.begin();
  };
  std::stable_sort(settings.special_tokens.begin(), settings.special_tokens.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

}  // namespace

bool Settings::is_bert_like() const {
  static constexpr std::array<std::string_view, 9> classes = {
      "BertTokenizer",     "DistilBertTokenizer", "ElectraTokenizer",
      "ConvBertTokenizer", "MobileBertTokenizer", "SqueezeBertTokenizer",
      "FunnelTokenizer",   "LayoutLMTokenizer",   "LxmertTokenizer"};
  return std::find(classes.begin(), classes.end(), tokenizer_class) != classes.end();
}

std::string Settings::special(std::string_view role) const {
  for (const auto& [name, named] : special_tokens) {
    if (name == role) return named.token.content;
  }
  return {};
}

NamedToken read_added_token(const Json& json, bool special) {
  NamedToken named;
  AddedToken& token = named.token;
  if (json.is_string()) {
    token.content = json.as_string("an added token");
    return named;
  }
  named.is_object = true;
  token.content = json["content"].as_string("the content of an added token");
  token.special = special || json.get_bool("special", false);
  token.single_word = json.get_bool("single_word", false);
  token.lstrip = json.get_bool("lstrip", false);
  token.rstrip = json.get_bool("rstrip", false);
  token.normalized = json.get_bool("normalized", !token.special);
  return named;
}

Settings read_settings(const Files& files, std::string_view model_type,
                       std::optional<bool> model_args_lower_case) {
  Settings settings;
  settings.config = parse_file(files, "tokenizer_config.json");
  settings.tokenizer_class =
      tokenizer_class(settings.config, parse_file(files, "config.json"), model_type);
  settings.special_tokens = default_tokens(settings);
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
  definition.truncate_left =
      settings.config.get_string("truncation_side", definition.truncate_left ? "left" : "right") ==
      "left";
  if (!settings.is_bert_like() || definition.normalizers.size() != 1) return;
  auto* normalizer = std::get_if<BertNormalizer>(&definition.normalizers.front());
  if (normalizer == nullptr) return;
  normalizer->lowercase = settings.do_lower_case.value_or(true);
  normalizer->handle_chinese_chars = settings.config.get_bool("tokenize_chinese_chars", true);
  const Json& strip = settings.config["strip_accents"];
  normalizer->strip_accents =
      strip.is_null() ? std::nullopt : std::optional(strip.as_bool("strip_accents"));
}

}  // namespace hasten::tokenizer
