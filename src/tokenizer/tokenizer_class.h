// The tokenizer classes of transformers 4.57 that are known here, and what sets each apart.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/settings_token.h"

namespace hasten::tokenizer {

// Classes of one family are built from the same files in the same way.
enum class Family {
  k_bert,
  k_mpnet,
  k_roberta,
  k_bart,
  k_deberta,
  k_xlm_roberta,
  k_camembert,
  k_albert,
  k_deberta_v2,
  k_bertweet,
  k_xlnet,
  k_rembert,
  k_big_bird,
  k_herbert,
  k_xlm,
  k_flaubert,
  k_other  // only tokenizer.json makes one
};

struct TokenizerClass {
  std::string name;  // "BertTokenizer": never with "Fast"
  Family family = Family::k_other;
  bool has_type_ids = true;  // a pair's second text may be typed 1
};

// By the name in tokenizer_config.json, with or without "Fast".
TokenizerClass tokenizer_class_of_name(std::string_view name);
// By config.json's model_type, as AutoTokenizer chooses.
TokenizerClass tokenizer_class_of_model_type(std::string_view model_type);

// The special tokens that the class's constructor has, as texts: ("cls_token", "[CLS]"). Those of the fast
// class count where it is made from tokenizer.json, else those of the slow class that is converted.
std::vector<std::pair<std::string, std::string>> default_special_tokens(Family family,
                                                                        bool from_json);

// What the constructor of that class makes of a special token that is given as a text.
SettingsToken wrap_special_token(Family family, std::string_view role, std::string content,
                                 bool from_json);

}  // namespace hasten::tokenizer
