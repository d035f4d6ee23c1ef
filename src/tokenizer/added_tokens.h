// Tokens that are cut out of a text before the model sees it: special tokens such as [SEP] written in
// the text, and words added in fine-tuning.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tokenizer/double_array.h"
#include "tokenizer/vocabulary.h"

namespace hasten::tokenizer {

// As written in tokenizer.json.
struct AddedToken {
  std::string content;
  bool single_word = false;  // not inside a word
  bool lstrip = false;       // takes the white space before it along
  bool rstrip = false;       // and after it
  bool normalized = true;    // searched in the normalized text, in its own normalized form
  bool special = false;

  bool operator==(const AddedToken&) const = default;
};

// The ids of added tokens, given in the order of addition as the tokenizers library does: an added
// token's id is its earlier one, else the model's, else the next free one.
class AddedVocabulary {
 public:
  // A text to search for, the id that it stands for, and how it is cut out.
  struct Pattern {
    std::string text;
    std::int32_t id;
    bool single_word;
    bool lstrip;
    bool rstrip;
    bool special;
    bool is_text = false;  // found, but left in the text
  };

  void add(const std::vector<AddedToken>& tokens, const Vocabulary& model);

  // The patterns with that `normalized`, by their content.
  std::vector<Pattern> patterns(bool normalized) const;
  // Content and id of each token.
  const std::unordered_map<std::string, std::int32_t>& ids() const { return ids_; }
  // The content of an id; empty where there is none.
  std::string_view content(std::int32_t id) const;
  bool contains(std::string_view content) const { return ids_.contains(std::string(content)); }
  // With the very same flags.
  bool contains(const AddedToken& token) const;

 private:
  std::int32_t next_id(const Vocabulary& model) const;

  std::unordered_map<std::string, std::int32_t> ids_;
  std::unordered_map<std::int32_t, AddedToken> by_id_;
  // Each token as first added, special ones apart: which way it is searched is decided then.
  std::vector<AddedToken> special_tokens_;
  std::unordered_set<std::string> special_contents_;
  std::vector<AddedToken> other_tokens_;
};

// A stretch of text: an added token's, or what lies between two.
struct Stretch {
  std::string_view text;
  std::int32_t id = -1;  // -1: no added token
};

// Cuts added tokens out of valid UTF-8: leftmost, then longest, never overlapping.
class AddedTokenSplitter {
 public:
  AddedTokenSplitter() = default;
  // Empty patterns are ignored; of equal ones the first counts.
  explicit AddedTokenSplitter(std::vector<AddedVocabulary::Pattern> patterns);

  bool empty() const { return patterns_.empty(); }

  // Calls `handle(Stretch)` for each stretch from left to right, none of them empty.
  template <typename Handle>
  void split(std::string_view text, Handle&& handle) const {
    std::size_t done = 0;
    for (Match match; next_match(text, match);) {
      if (!place_match(text, done, match)) continue;
      if (done < match.begin) handle(Stretch{text.substr(done, match.begin - done)});
      if (match.begin < match.end) {
        handle(Stretch{text.substr(match.begin, match.end - match.begin),
                       patterns_[match.pattern].id});
      }
      done = match.end;
    }
    if (done < text.size()) handle(Stretch{text.substr(done)});
  }

 private:
  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t pattern = 0;
    std::size_t search_from = 0;  // where the search goes on: white space taken along is searched
  };

  bool next_match(std::string_view text, Match& match) const;
  // Applies single_word, lstrip and rstrip; false when the match does not count.
  bool place_match(std::string_view text, std::size_t done, Match& match) const;
  std::size_t next_candidate(std::string_view text, std::size_t from) const;

  std::vector<AddedVocabulary::Pattern> patterns_;
  DoubleArray trie_;
  std::array<bool, 256> is_first_byte_{};
  std::string first_bytes_;
};

}  // namespace hasten::tokenizer
