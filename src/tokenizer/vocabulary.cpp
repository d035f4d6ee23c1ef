#include "tokenizer/vocabulary.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace hasten::tokenizer {

Vocabulary::Vocabulary(std::vector<TrieEntry> entries) {
  std::size_t bytes = 0;
  for (const TrieEntry& entry : entries) {
    if (entry.value < 0) fail(ErrorCode::k_malformed, "a token has a negative id");
    bytes += entry.key.size();
  }
  if (bytes > std::numeric_limits<std::uint32_t>::max()) {
    fail(ErrorCode::k_unsupported, "the vocabulary's texts exceed 4 GB");
  }
  texts_.reserve(bytes);
  places_.reserve(entries.size());
  for (const TrieEntry& entry : entries) {
    places_.push_back({entry.value, static_cast<std::uint32_t>(texts_.size()),
                       static_cast<std::uint32_t>(entry.key.size())});
    texts_.append(entry.key);
  }
  const auto by_id = [](const Place& a, const Place& b) { return a.id < b.id; };
  if (!std::is_sorted(places_.begin(), places_.end(), by_id)) {
    std::stable_sort(places_.begin(), places_.end(), by_id);
  }
  sort_trie_entries(entries);
  size_ = entries.size();
  trie_ = DoubleArray(entries);
}

Vocabulary Vocabulary::of_list(std::vector<TrieEntry> entries) {
  const std::size_t size = entries.size();
  Vocabulary vocabulary(std::move(entries));
  vocabulary.size_ = size;
  return vocabulary;
}

std::int32_t Vocabulary::unknown_id(std::string_view token) const {
  if (const auto id = id_of(token)) return *id;
  fail(ErrorCode::k_malformed, "the vocabulary lacks the unknown token", std::string(token),
       "the vocabulary belongs to another tokenizer");
}

std::string_view Vocabulary::token(std::int32_t id) const {
  const auto after = std::upper_bound(places_.begin(), places_.end(), id,
                                      [](std::int32_t a, const Place& b) { return a < b.id; });
  if (after == places_.begin() || std::prev(after)->id != id) return {};
  return std::string_view(texts_).substr(std::prev(after)->offset, std::prev(after)->length);
}

}  // namespace hasten::tokenizer
