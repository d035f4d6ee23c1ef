#include "tokenizer/tokenizer_class.h"

#include <unordered_map>

namespace hasten::tokenizer {
namespace {

struct Traits {
  Family family;
  bool has_type_ids;
};

const std::unordered_map<std::string_view, Traits>& known_classes() {
  static const std::unordered_map<std::string_view, Traits> classes = {
      {"BertTokenizer", {Family::k_bert, true}},
      {"DistilBertTokenizer", {Family::k_bert, false}},
      {"ElectraTokenizer", {Family::k_bert, true}},
      {"ConvBertTokenizer", {Family::k_bert, true}},
      {"MobileBertTokenizer", {Family::k_bert, true}},
      {"SqueezeBertTokenizer", {Family::k_bert, true}},
      {"LayoutLMTokenizer", {Family::k_bert, true}},
      {"LxmertTokenizer", {Family::k_bert, true}},
      {"MPNetTokenizer", {Family::k_mpnet, false}},
      {"RobertaTokenizer", {Family::k_roberta, false}},
      {"LongformerTokenizer", {Family::k_roberta, false}},
      {"BartTokenizer", {Family::k_bart, false}},
      {"DebertaTokenizer", {Family::k_deberta, true}},
      {"XLMRobertaTokenizer", {Family::k_xlm_roberta, false}},
      {"CamembertTokenizer", {Family::k_camembert, false}},
      {"AlbertTokenizer", {Family::k_albert, true}},
      {"DebertaV2Tokenizer", {Family::k_deberta_v2, true}},
      {"BertweetTokenizer", {Family::k_bertweet, false}},
      {"PhobertTokenizer", {Family::k_bertweet, false}},
      {"XLNetTokenizer", {Family::k_xlnet, true}},
      {"RemBertTokenizer", {Family::k_rembert, true}},
      {"BigBirdTokenizer", {Family::k_big_bird, false}},
      {"HerbertTokenizer", {Family::k_herbert, true}},
      {"XLMTokenizer", {Family::k_xlm, true}},
      {"FlaubertTokenizer", {Family::k_flaubert, true}},
  };
  return classes;
}

SettingsToken text(std::string content) {
  return SettingsToken::of_text(std::move(content));
}

// An AddedToken(content, lstrip=...).
SettingsToken object(std::string content, bool lstrip) {
  SettingsToken token = text(std::move(content));
  token.is_object = true;
  token.lstrip = lstrip;
  return token;
}
SettingsToken special(std::string content, bool lstrip) {
  SettingsToken token = object(std::move(content), lstrip);
  token.special = true;
  return token;
}
SettingsToken normalized(SettingsToken token, bool is_normalized) {
  token.normalized = is_normalized;
  return token;
}

std::vector<std::pair<std::string, std::string>> numbered_special_tokens() {
  std::vector<std::pair<std::string, std::string>> tokens;
  for (char digit = '0'; digit <= '9'; ++digit) {
    tokens.emplace_back("additional_special_tokens", std::string("<special") + digit + ">");
  }
  return tokens;
}

using Tokens = std::vector<std::pair<std::string, std::string>>;
Tokens operator+(Tokens a, const Tokens& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Of the fast classes, which wrap fewer of them.
SettingsToken wrap_for_json(Family family, bool mask, std::string content) {
  switch (family) {
    case Family::k_mpnet:
    case Family::k_big_bird:
      return object(std::move(content), mask);
    case Family::k_roberta:
    case Family::k_albert:
      return mask ? normalized(object(std::move(content), true), false) : text(std::move(content));
    case Family::k_bart:
      return mask ? normalized(special(std::move(content), true), true) : text(std::move(content));
    case Family::k_camembert:
      return mask ? special(std::move(content), true) : text(std::move(content));
    case Family::k_xlm_roberta:
    case Family::k_xlnet:
    case Family::k_rembert:
      return mask ? object(std::move(content), true) : text(std::move(content));
    default:
      return text(std::move(content));
  }
}

SettingsToken wrap_for_files(Family family, std::string_view role, std::string content) {
  const bool mask = role == "mask_token";
  switch (family) {
    case Family::k_mpnet:
      return special(std::move(content), mask);
    case Family::k_roberta:
      if (mask) return normalized(object(std::move(content), true), false);
      return object(std::move(content), false);
    case Family::k_bart:
    case Family::k_big_bird:
      return object(std::move(content), mask);
    case Family::k_deberta:
      return mask ? object(std::move(content), true) : special(std::move(content), false);
    case Family::k_deberta_v2:
      return role == "unk_token" ? normalized(special(std::move(content), false), true)
                                 : text(std::move(content));
    case Family::k_xlm_roberta:
    case Family::k_xlnet:
    case Family::k_camembert:
      return mask ? special(std::move(content), true) : text(std::move(content));
    case Family::k_albert:
      return mask ? normalized(object(std::move(content), true), false) : text(std::move(content));
    case Family::k_rembert:
      return mask ? object(std::move(content), true) : text(std::move(content));
    default:
      return text(std::move(content));
  }
}

}  // namespace

TokenizerClass tokenizer_class_of_name(std::string_view name) {
  if (name.ends_with("Fast")) name.remove_suffix(4);
  const auto found = known_classes().find(name);
  if (found == known_classes().end()) return {std::string(name)};
  return {std::string(name), found->second.family, found->second.has_type_ids};
}

TokenizerClass tokenizer_class_of_model_type(std::string_view model_type) {
  static const std::unordered_map<std::string_view, std::string_view> classes = {
      {"bert", "BertTokenizer"},
      {"distilbert", "DistilBertTokenizer"},
      {"electra", "ElectraTokenizer"},
      {"convbert", "ConvBertTokenizer"},
      {"mobilebert", "MobileBertTokenizer"},
      {"squeezebert", "SqueezeBertTokenizer"},
      {"ernie", "BertTokenizer"},
      {"layoutlm", "LayoutLMTokenizer"},
      {"lxmert", "LxmertTokenizer"},
      {"megatron-bert", "BertTokenizer"},
      {"nezha", "BertTokenizer"},
      {"mpnet", "MPNetTokenizer"},
      {"roberta", "RobertaTokenizer"},
      {"roberta-prelayernorm", "RobertaTokenizer"},
      {"data2vec-text", "RobertaTokenizer"},
      {"ibert", "RobertaTokenizer"},
      {"longformer", "LongformerTokenizer"},
      {"bart", "BartTokenizer"},
      {"deberta", "DebertaTokenizer"},
      {"xlm-roberta", "XLMRobertaTokenizer"},
      {"xlm-roberta-xl", "XLMRobertaTokenizer"},
      {"xmod", "XLMRobertaTokenizer"},
      {"camembert", "CamembertTokenizer"},
      {"albert", "AlbertTokenizer"},
      {"deberta-v2", "DebertaV2Tokenizer"},
      {"bertweet", "BertweetTokenizer"},
      {"phobert", "PhobertTokenizer"},
      {"roformer", "RoFormerTokenizer"},
      {"canine", "CanineTokenizer"},
      {"luke", "LukeTokenizer"},
      {"roc_bert", "RoCBertTokenizer"},
      {"ernie_m", "ErnieMTokenizer"},
      {"perceiver", "PerceiverTokenizer"},
      {"tapas", "TapasTokenizer"},
      {"xlnet", "XLNetTokenizer"},
      {"rembert", "RemBertTokenizer"},
      {"big_bird", "BigBirdTokenizer"},
      {"nystromformer", "AlbertTokenizer"},
      {"herbert", "HerbertTokenizer"},
      {"xlm", "XLMTokenizer"},
      {"flaubert", "FlaubertTokenizer"},
  };
  const auto found = classes.find(model_type);
  return tokenizer_class_of_name(found == classes.end() ? "PreTrainedTokenizer" : found->second);
}

std::vector<std::pair<std::string, std::string>> default_special_tokens(Family family,
                                                                        bool from_json) {
  const auto roles = [](const char* unk, const char* sep, const char* pad, const char* cls,
                        const char* mask) {
    return Tokens{{"unk_token", unk},
                  {"sep_token", sep},
                  {"pad_token", pad},
                  {"cls_token", cls},
                  {"mask_token", mask}};
  };
  const auto ends = [](const char* bos, const char* eos) {
    return Tokens{{"bos_token", bos}, {"eos_token", eos}};
  };
  Tokens of_bert = roles("[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]");
  const Tokens of_sentencepiece = roles("<unk>", "[SEP]", "<pad>", "[CLS]", "[MASK]");
  switch (family) {
    case Family::k_bert:
      return of_bert;
    case Family::k_deberta:
    case Family::k_deberta_v2:
      return ends("[CLS]", "[SEP]") + of_bert;
    case Family::k_rembert:
      return ends("[CLS]", "[SEP]") + (from_json ? of_sentencepiece : of_bert);
    case Family::k_albert:
      return ends("[CLS]", "[SEP]") + of_sentencepiece;
    case Family::k_big_bird:
      return ends("<s>", "</s>") + of_sentencepiece;
    case Family::k_mpnet:
      return ends("<s>", "</s>") + roles("[UNK]", "</s>", "<pad>", "<s>", "<mask>");
    case Family::k_xlnet:
      return ends("<s>", "</s>") + roles("<unk>", "<sep>", "<pad>", "<cls>", "<mask>") +
             Tokens{{"additional_special_tokens", "<eop>"}, {"additional_special_tokens", "<eod>"}};
    case Family::k_herbert: {
      const Tokens tokens = roles("<unk>", "</s>", "<pad>", "<s>", "<mask>");
      return from_json ? tokens : Tokens{{"bos_token", "<s>"}} + tokens + numbered_special_tokens();
    }
    case Family::k_xlm:
    case Family::k_flaubert:
      return Tokens{{"bos_token", "<s>"}} + roles("<unk>", "</s>", "<pad>", "</s>", "<special1>") +
             numbered_special_tokens();
    case Family::k_camembert:
      return ends("<s>", "</s>") + roles("<unk>", "</s>", "<pad>", "<s>", "<mask>") +
             Tokens{{"additional_special_tokens", "<s>NOTUSED"},
                    {"additional_special_tokens", "</s>NOTUSED"},
                    {"additional_special_tokens", "<unk>NOTUSED"}};
    case Family::k_other:
      return {};
    default:
      return ends("<s>", "</s>") + roles("<unk>", "</s>", "<pad>", "<s>", "<mask>");
  }
}

SettingsToken wrap_special_token(Family family, std::string_view role, std::string content,
                                 bool from_json) {
  return from_json ? wrap_for_json(family, role == "mask_token", std::move(content))
                   : wrap_for_files(family, role, std::move(content));
}

}  // namespace hasten::tokenizer
