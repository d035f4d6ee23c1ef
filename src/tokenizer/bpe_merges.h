// Reads the list of merges of a BPE model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/definition.h"

namespace hasten::tokenizer {

// Turns merges of texts, in order of rank, into merges of ids.
class BpeMerges {
 public:
  // Keeps a reference to `vocabulary`. `prefix` marks the tokens inside a word.
  BpeMerges(const Vocabulary& vocabulary, std::string_view prefix, std::size_t expected_count)
      : vocabulary_(vocabulary), prefix_length_(prefix.size()) {
    merges_.reserve(expected_count);
  }

  // Throws k_malformed when a part or the whole is no token.
  void add(std::string_view left, std::string_view right);
  // "left right". Lines that start with "#version" are passed over.
  void add_line(std::string_view line);

  std::vector<BpeMerge> take() && { return std::move(merges_); }

 private:
  const Vocabulary& vocabulary_;
  std::size_t prefix_length_;
  std::vector<BpeMerge> merges_;
};

}  // namespace hasten::tokenizer
