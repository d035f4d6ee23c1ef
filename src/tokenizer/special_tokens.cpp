#include "tokenizer/special_tokens.h"

#include <algorithm>
#include <unordered_set>

namespace hasten::tokenizer {
namespace {

constexpr const char* k_additional = "additional_special_tokens";

// What the class's constructor makes of a role's token; none where there is none.
std::optional<SettingsToken> resolve_role(const Settings& settings, const std::string& role,
                                          const std::optional<std::string>& fallback) {
  const Family family = settings.tokenizer_class.family;
  const auto found = settings.given.roles.find(role);
  if (found == settings.given.roles.end()) {
    if (!fallback) return std::nullopt;
    return wrap_special_token(family, role, *fallback, settings.has_tokenizer_json);
  }
  if (!found->second) return std::nullopt;
  const SettingsToken& token = *found->second;
  const auto known = settings.given.by_content.find(token.content);
  if (known != settings.given.by_content.end()) return known->second;
  if (token.is_object) return token;
  return wrap_special_token(family, role, token.content, settings.has_tokenizer_json);
}

// Those of special_tokens that count: of roles with the same text the first.
std::vector<SettingsToken> distinct_special_tokens(const Settings& settings) {
  std::vector<SettingsToken> tokens;
  std::unordered_set<std::string> seen, in_list;
  for (const auto& [role, token] : settings.special_tokens) {
    if (token.content.empty()) continue;
    if (role == k_additional) {  // a list's own repetitions stay
      if (seen.contains(token.content)) continue;
      in_list.insert(token.content);
    } else {
      seen.merge(in_list);
      if (!seen.insert(token.content).second) continue;
    }
    tokens.push_back(token);
  }
  return tokens;
}

// Without an added_tokens_decoder those that tokenizer.json lists count as one.
void take_listed_tokens(const TokenizerDefinition& definition, Settings& settings) {
  if (settings.given.has_decoder) return;
  for (const auto& [id, added] : definition.listed_added_tokens) {
    const SettingsToken token = SettingsToken::of_added(added);
    settings.added_tokens[id] = token;
    settings.given.by_content[added.content] = token;
  }
}

}  // namespace

const std::vector<std::string>& special_token_roles() {
  static const std::vector<std::string> roles = {"bos_token", "eos_token", "unk_token", "sep_token",
                                                 "pad_token", "cls_token", "mask_token"};
  return roles;
}

void resolve_special_tokens(Settings& settings, const TokenizerDefinition& definition) {
  take_listed_tokens(definition, settings);
  const GivenTokens& given = settings.given;
  const bool from_json = settings.has_tokenizer_json;
  std::map<std::string, std::string> defaults;
  std::vector<SettingsToken> additional = given.additional.value_or(std::vector<SettingsToken>());
  for (const auto& [role, content] :
       default_special_tokens(settings.tokenizer_class.family, from_json)) {
    if (role != k_additional) {
      defaults[role] = content;
    } else if (!given.additional) {
      additional.push_back(SettingsToken::of_text(content));
    }
  }
  if (!definition.padding_token.empty()) defaults.emplace("pad_token", definition.padding_token);
  settings.special_tokens.clear();
  for (const std::string& role : special_token_roles()) {
    const auto fallback = defaults.find(role);
    auto token =
        resolve_role(settings, role,
                     fallback == defaults.end() ? std::nullopt : std::optional(fallback->second));
    if (token) settings.special_tokens.emplace_back(role, *token);
  }
  for (const SettingsToken& token : additional)
    settings.special_tokens.emplace_back(k_additional, token);
  for (const auto& extra : given.extra) settings.special_tokens.push_back(extra);
  if (from_json) return;
  for (auto& [role, token] : settings.special_tokens) token.settle();
}

void add_settings_tokens(const Settings& settings, TokenizerDefinition& definition) {
  const std::vector<SettingsToken> special = distinct_special_tokens(settings);
  const auto is_special = [&](const std::string& content) {
    return std::any_of(special.begin(), special.end(),
                       [&](const auto& token) { return token.content == content; });
  };
  std::vector<SettingsToken> missing;
  for (const auto& [id, token] : settings.added_tokens) {
    if (!definition.added_tokens.contains(token.resolved())) missing.push_back(token);
  }
  const std::vector<SettingsToken> of_decoder = missing;
  for (const SettingsToken& token : special) {
    const bool known =
        token.is_object
            ? std::any_of(of_decoder.begin(), of_decoder.end(),
                          [&](const auto& other) { return other.resolved() == token.resolved(); })
            : definition.added_tokens.contains(token.content) ||
                  std::any_of(of_decoder.begin(), of_decoder.end(),
                              [&](const auto& other) { return other.content == token.content; });
    if (!known) missing.push_back(token);
  }
  std::vector<AddedToken> tokens;
  for (SettingsToken& token : missing) {
    token.special = token.special || is_special(token.content);
    tokens.push_back(token.resolved());
  }
  definition.added_tokens.add(tokens, definition.vocabulary);
}

SlowIds::SlowIds(const Settings& settings, const Vocabulary& vocabulary) : vocabulary_(vocabulary) {
  std::int32_t next = static_cast<std::int32_t>(vocabulary.size());
  const auto add = [&](const std::string& content, std::int32_t id) {
    if (added_.insert_or_assign(content, id).second && !vocabulary.id_of(content)) ++next;
  };
  for (const auto& [id, token] : settings.added_tokens)
    add(token.content, static_cast<std::int32_t>(id));
  if (settings.tokenizer_class.family == Family::k_camembert) {
    const std::string first[] = {"<s>NOTUSED", settings.special("pad_token"), "</s>NOTUSED",
                                 settings.special("unk_token"), "<unk>NOTUSED"};
    for (std::int32_t id = 0; id < 5; ++id) add(first[id], id);
  }
  for (const SettingsToken& token : distinct_special_tokens(settings)) {
    if (added_.contains(token.content)) continue;
    const auto of_model = vocabulary.id_of(token.content);
    add(token.content, of_model ? *of_model : next);
  }
}

std::optional<std::int32_t> SlowIds::id_of(std::string_view content) const {
  const auto found = added_.find(std::string(content));
  return found == added_.end() ? vocabulary_.id_of(content) : std::optional(found->second);
}

}  // namespace hasten::tokenizer
