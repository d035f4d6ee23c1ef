// What a tokenizer's files say, before anything is built for speed. Reading a file makes one,
// the rules of transformers edit it, assemble() makes a Tokenizer of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tokenizer/added_tokens.h"
#include "tokenizer/bertweet/emoji_version.h"
#include "tokenizer/post_processor.h"
#include "tokenizer/vocabulary.h"

namespace hasten::tokenizer {

// ---- Normalizers, named as in tokenizer.json; they run in order.
struct BertNormalizer {
  bool clean_text = true;
  bool handle_chinese_chars = true;
  std::optional<bool> strip_accents;  // none: as lowercase
  bool lowercase = true;
};
struct UnicodeForm {
  enum class Form { k_nfd, k_nfkd, k_nfc, k_nfkc };
  Form form = Form::k_nfc;
};
struct Strip {
  bool left = true;
  bool right = true;
};
struct StripAccents {};
struct Lowercase {};
struct Nmt {};
struct ByteLevelNormalizer {};
struct Prepend {
  std::string text;
};
struct Precompiled {
  std::string charsmap;  // the blob of a sentencepiece model
};
// What to look for: a text, or a regular expression in Oniguruma's syntax.
struct Pattern {
  std::string text;
  bool is_regex = false;
};
struct Replace {
  Pattern pattern;
  std::string content;
};
using NormalizerDefinition =
    std::variant<BertNormalizer, UnicodeForm, Strip, StripAccents, Lowercase, Nmt,
                 ByteLevelNormalizer, Prepend, Precompiled, Replace>;

// ---- Pre-tokenizers; they run in order, each on the pieces of the one before.
// What becomes of the matches at which a text is split.
enum class SplitBehavior {
  k_removed,
  k_isolated,
  k_contiguous,
  k_merged_with_previous,
  k_merged_with_next
};
struct BertPreTokenizer {};
struct ByteLevel {
  bool add_prefix_space = true;
  bool use_regex = true;
};
struct Metaspace {
  enum class Prepend { k_always, k_first, k_never };
  std::string replacement = "\u2581";
  Prepend prepend = Prepend::k_always;
  bool split = true;
};
struct Whitespace {};
struct WhitespaceSplit {};
struct Punctuation {
  SplitBehavior behavior = SplitBehavior::k_isolated;
};
struct Digits {
  bool individual_digits = false;
};
struct Split {
  Pattern pattern;
  SplitBehavior behavior = SplitBehavior::k_isolated;
  bool invert = false;
};
struct CharDelimiterSplit {
  char32_t delimiter = U' ';
};
struct FixedLength {
  std::size_t length = 5;
};
struct UnicodeScripts {};
using PreTokenizerDefinition =
    std::variant<BertPreTokenizer, ByteLevel, Metaspace, Whitespace, WhitespaceSplit, Punctuation,
                 Digits, Split, CharDelimiterSplit, FixedLength, UnicodeScripts>;

// ---- Models. The tokens are the definition's vocabulary.
struct WordPieceDefinition {
  std::string unknown_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  std::size_t max_input_chars_per_word = 100;
};
struct WordLevelDefinition {
  std::string unknown_token = "<unk>";
};
// Two neighbouring tokens that become one. The rank is the place in the list of merges.
struct BpeMerge {
  std::int32_t left = 0;
  std::int32_t right = 0;
  std::int32_t merged = 0;
};
struct BpeDefinition {
  std::vector<BpeMerge> merges;
  std::optional<std::string> unknown_token;
  std::string continuing_subword_prefix;
  std::string end_of_word_suffix;
  bool fuse_unknown = false;
  bool byte_fallback = false;
  bool ignore_merges = false;
};
// The id of a token is its place, and that of its score.
struct UnigramDefinition {
  std::vector<double> scores;
  std::int32_t unknown_id = 0;
  bool byte_fallback = false;
};
// BERTweet's own: the merges of bpe.codes, whose products need not be tokens. With `normalization` the
// texts are normalized as tweets first.
struct BertweetDefinition {
  struct Merge {
    std::string left;
    std::string right;
    std::uint32_t rank;
  };
  std::vector<Merge> merges;
  std::string unknown_token = "<unk>";
  bool normalization = false;
  bertweet::EmojiVersion emoji = bertweet::EmojiVersion::k_0_6_0;
  // How vocab.txt writes a piece inside a word and one at its end.
  std::string inside_mark = "@@";
  std::string end_mark;
};
// XLM's and FlauBERT's: the same BPE over the words of Moses. French is FlauBERT's.
struct MosesDefinition : BertweetDefinition {
  bool is_french = false;
  bool lower_cases = false;  // without accents too, unless French
};
using ModelDefinition = std::variant<WordPieceDefinition, WordLevelDefinition, BpeDefinition,
                                     UnigramDefinition, BertweetDefinition, MosesDefinition>;

struct TokenizerDefinition {
  std::vector<NormalizerDefinition> normalizers;
  bool is_normalizer_sequence = false;  // in tokenizer.json, where one alone is another thing
  // The normalizers when the added tokens were added, which their patterns follow; transformers
  // replaces normalizers later.
  std::vector<NormalizerDefinition> pattern_normalizers;
  std::vector<PreTokenizerDefinition> pre_tokenizers;
  bool is_pre_tokenizer_sequence = false;  // in tokenizer.json, where one alone is another thing
  ModelDefinition model;
  Vocabulary vocabulary;
  AddedVocabulary added_tokens;
  // As tokenizer.json lists them, with the ids written there.
  std::vector<std::pair<std::int64_t, AddedToken>> listed_added_tokens;
  std::string padding_token;  // tokenizer.json's; empty where it says nothing of padding
  PostProcessor post_processor;
  bool split_special_tokens = false;  // those written in a text are text
  bool truncate_left = false;
  // How a pair is cut: as the tokenizers library does, or as transformers does in Python.
  bool truncate_in_python = false;
};

}  // namespace hasten::tokenizer
