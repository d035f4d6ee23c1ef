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
      {"BartTokenizer", {Family::k_roberta, false}},
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

// A special token of the Roberta kind, whose mask takes the space before it along.
NamedToken with_flags(std::string content, bool normalized, bool lstrip = false) {
  NamedToken named;
  named.is_object = true;
  named.token.content = std::move(content);
  named.token.normalized = normalized;
  named.token.lstrip = lstrip;
  return named;
}

NamedToken plain(std::string content) {
  NamedToken named;
  named.token.content = std::move(content);
  return named;
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

std::vector<std::pair<std::string, std::string>> default_special_tokens(Family family) {
  switch (family) {
    case Family::k_bert:
      return {{"unk_token", "[UNK]"}, {"sep_token", "[SEP]"}, {"pad_token", "[PAD]"},
              {"cls_token", "[CLS]"}, {"mask_token", "[MASK]"}};
    case Family::k_deberta:
    case Family::k_deberta_v2:
      return {{"bos_token", "[CLS]"}, {"eos_token", "[SEP]"}, {"unk_token", "[UNK]"},
              {"sep_token", "[SEP]"}, {"pad_token", "[PAD]"}, {"cls_token", "[CLS]"},
              {"mask_token", "[MASK]"}};
    case Family::k_albert:
      return {{"bos_token", "[CLS]"}, {"eos_token", "[SEP]"}, {"unk_token", "<unk>"},
              {"sep_token", "[SEP]"}, {"pad_token", "<pad>"}, {"cls_token", "[CLS]"},
              {"mask_token", "[MASK]"}};
    case Family::k_xlnet:
      return {{"bos_token", "<s>"},
              {"eos_token", "</s>"},
              {"unk_token", "<unk>"},
              {"sep_token", "<sep>"},
              {"pad_token", "<pad>"},
              {"cls_token", "<cls>"},
              {"mask_token", "<mask>"},
              {"additional_special_tokens", "<eop>"},
              {"additional_special_tokens", "<eod>"}};
    case Family::k_rembert:
      return {{"bos_token", "[CLS]"}, {"eos_token", "[SEP]"}, {"unk_token", "[UNK]"},
              {"sep_token", "[SEP]"}, {"pad_token", "[PAD]"}, {"cls_token", "[CLS]"},
              {"mask_token", "[MASK]"}};
    case Family::k_big_bird:
      return {{"bos_token", "<s>"},    {"eos_token", "</s>"},  {"unk_token", "<unk>"},
              {"sep_token", "[SEP]"},  {"pad_token", "<pad>"}, {"cls_token", "[CLS]"},
              {"mask_token", "[MASK]"}};
    case Family::k_herbert:
      return {{"bos_token", "<s>"},   {"unk_token", "<unk>"}, {"sep_token", "</s>"},
              {"pad_token", "<pad>"}, {"cls_token", "<s>"},   {"mask_token", "<mask>"}};
    case Family::k_xlm:
    case Family::k_flaubert: {
      std::vector<std::pair<std::string, std::string>> tokens = {
          {"bos_token", "<s>"},   {"unk_token", "<unk>"}, {"sep_token", "</s>"},
          {"pad_token", "<pad>"}, {"cls_token", "</s>"},  {"mask_token", "<special1>"}};
      for (char digit = '0'; digit <= '9'; ++digit) {
        tokens.emplace_back("additional_special_tokens", std::string("<special") + digit + ">");
      }
      return tokens;
    }
    case Family::k_other: return {};
    case Family::k_camembert:
      return {{"bos_token", "<s>"},
              {"eos_token", "</s>"},
              {"unk_token", "<unk>"},
              {"sep_token", "</s>"},
              {"pad_token", "<pad>"},
              {"cls_token", "<s>"},
              {"mask_token", "<mask>"},
              {"additional_special_tokens", "<s>NOTUSED"},
              {"additional_special_tokens", "</s>NOTUSED"},
              {"additional_special_tokens", "<unk>NOTUSED"}};
    default:
      return {{"bos_token", "<s>"},
              {"eos_token", "</s>"},
              {"unk_token", family == Family::k_mpnet ? "[UNK]" : "<unk>"},
              {"sep_token", "</s>"},
              {"pad_token", "<pad>"},
              {"cls_token", "<s>"},
              {"mask_token", "<mask>"}};
  }
}

NamedToken wrap_special_token(Family family, std::string_view role, std::string content,
                              bool from_json) {
  const bool mask = role == "mask_token";
  switch (family) {
    case Family::k_mpnet: return with_flags(std::move(content), from_json, mask);
    case Family::k_roberta:
      if (mask) return with_flags(std::move(content), false, true);
      return from_json ? plain(std::move(content)) : with_flags(std::move(content), true);
    case Family::k_deberta:
      if (from_json) return plain(std::move(content));
      return with_flags(std::move(content), mask, mask);
    case Family::k_xlm_roberta:
      return mask ? with_flags(std::move(content), from_json, true) : plain(std::move(content));
    case Family::k_big_bird: return with_flags(std::move(content), true, mask);
    case Family::k_rembert:
      return mask ? with_flags(std::move(content), true, true) : plain(std::move(content));
    case Family::k_camembert:
    case Family::k_xlnet:
    case Family::k_albert:
      return mask ? with_flags(std::move(content), false, true) : plain(std::move(content));
    case Family::k_deberta_v2:
      return role == "unk_token" && !from_json ? with_flags(std::move(content), true)
                                               : plain(std::move(content));
    default: return plain(std::move(content));
  }
}

}  // namespace hasten::tokenizer
