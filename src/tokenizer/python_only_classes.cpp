#include "tokenizer/python_only_classes.h"

#include <unordered_map>

namespace hasten::tokenizer {

std::string_view python_only_reason(std::string_view class_name) {
  constexpr std::string_view k_sentencepiece =
      "it runs sentencepiece itself, without the fast form";
  constexpr std::string_view k_bytes =
      "its ids are bytes or code points, not tokens of a vocabulary";
  constexpr std::string_view k_more = "it gives its model more than ids and types";
  constexpr std::string_view k_moses = "it splits words with Moses";
  static const std::unordered_map<std::string_view, std::string_view> reasons = {
      {"BertJapaneseTokenizer", "it splits words with MeCab, Sudachi or Juman++"},
      {"RoFormerTokenizer", "it splits words with jieba"},
      {"CpmTokenizer", "it splits words with jieba"},
      {"CpmAntTokenizer", "it splits words with jieba"},
      {"RoCBertTokenizer", k_more},
      {"LukeTokenizer", k_more},
      {"MLukeTokenizer", k_more},
      {"TapasTokenizer", k_more},
      {"CanineTokenizer", k_bytes},
      {"PerceiverTokenizer", k_bytes},
      {"ByT5Tokenizer", k_bytes},
      {"MyT5Tokenizer", k_bytes},
      {"BartphoTokenizer", k_sentencepiece},
      {"BertGenerationTokenizer", k_sentencepiece},
      {"ErnieMTokenizer", k_sentencepiece},
      {"XLMProphetNetTokenizer", k_sentencepiece},
      {"GPTSw3Tokenizer", k_sentencepiece},
      {"M2M100Tokenizer", k_sentencepiece},
      {"MarianTokenizer", k_sentencepiece},
      {"PLBartTokenizer", k_sentencepiece},
      {"SiglipTokenizer", k_sentencepiece},
      {"BioGptTokenizer", k_moses},
      {"FSMTTokenizer", k_moses},
      {"TransfoXLTokenizer", k_moses},
      {"ProphetNetTokenizer", "it is BERT's slow tokenizer"},
      {"CTRLTokenizer", "it has a BPE of its own"},
      {"BlenderbotSmallTokenizer", "it has a BPE of its own"},
      {"EsmTokenizer", "it splits proteins"},
      {"GPTNeoXJapaneseTokenizer", "it splits Japanese by tables of its own"},
  };
  const auto found = reasons.find(class_name);
  return found == reasons.end() ? std::string_view() : found->second;
}

}  // namespace hasten::tokenizer
