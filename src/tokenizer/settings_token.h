// A token as transformers holds it in Python: a text alone, or an AddedToken.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tokenizer/added_tokens.h"

namespace hasten::tokenizer {

struct SettingsToken {
  std::string content;
  bool is_object = false;  // an AddedToken: the flags count
  bool single_word = false;
  bool lstrip = false;
  bool rstrip = false;
  bool special = false;
  std::optional<bool> normalized;  // none: unless special, whatever becomes of `special`
  bool is_raw = false;  // tokenizer_config.json spells the object out, which is read late

  static SettingsToken of_text(std::string content) {
    SettingsToken token;
    token.content = std::move(content);
    return token;
  }

  static SettingsToken of_added(const AddedToken& added) {
    SettingsToken token = of_text(added.content);
    token.is_object = true;
    token.single_word = added.single_word;
    token.lstrip = added.lstrip;
    token.rstrip = added.rstrip;
    token.special = added.special;
    token.normalized = added.normalized;
    return token;
  }

  AddedToken resolved() const {
    return {content, single_word, lstrip, rstrip, normalized.value_or(!special), special};
  }
  // What copying does to an AddedToken.
  void settle() {
    if (is_object) normalized = normalized.value_or(!special);
  }
};

}  // namespace hasten::tokenizer
