// The normalization table inside a sentencepiece model: Precompiled in tokenizer.json.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hasten::tokenizer {

// A darts-clone trie of texts, each with an offset into zero-terminated replacements. Immutable.
class Charsmap {
 public:
  // `blob`: the trie's size in bytes (u32), the trie, the replacements. Throws k_malformed; whatever
  // the trie holds, no read leaves it.
  explicit Charsmap(std::string_view blob);

  // Appends the normalized form of valid UTF-8; false, appending nothing, when it is the same.
  bool apply(std::string_view text, std::string& out) const;

 private:
  // The replacement of the shortest key that `text` starts with; false when there is none.
  bool find(std::string_view text, std::string_view& replacement) const;
  std::uint32_t unit(std::size_t at) const { return at < units_.size() ? units_[at] : 0; }
  bool is_unchanged(std::string_view text) const;
  void append_cluster(std::string_view cluster, std::string& out) const;

  std::vector<std::uint32_t> units_;
  std::string replacements_;
  std::array<bool, 128> keeps_ascii_{};  // no key starts with it
};

}  // namespace hasten::tokenizer
