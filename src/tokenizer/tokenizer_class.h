// The tokenizer classes of transformers 4.57 that are known here, and what sets each apart.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/added_tokens.h"

namespace hasten::tokenizer {

// Classes of one family are built from the same files in the same way.
enum class Family {
  k_bert,
  k_mpnet,
  k_roberta,
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

// A special token by its role; `is_object` when it comes with flags, not only as a text.
struct NamedToken {
  AddedToken token;
  bool is_object = false;
};

// The special tokens that the class's constructor has, as texts: ("cls_token", "[CLS]").
std::vector<std::pair<std::string, std::string>> default_special_tokens(Family family);

// What the constructors of the class make of a special token that is given as a text. Built from
// tokenizer.json, the fast class's count; built from a vocabulary, the slow class's.
NamedToken wrap_special_token(Family family, std::string_view role, std::string content,
                              bool from_json);

}  // namespace hasten::tokenizer
