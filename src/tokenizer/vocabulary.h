// The tokens of a model, found by text or by id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/double_array.h"

namespace hasten::tokenizer {

// Immutable after construction; keeps a copy of the texts.
class Vocabulary {
 public:
  Vocabulary() = default;
  // Of entries with the same key the last one counts. An id may have several texts; token() gives
  // the last. Negative ids throw k_malformed.
  explicit Vocabulary(std::vector<TrieEntry> entries);
  // The entries of a list, whose places are their ids: size() counts repeated texts too.
  static Vocabulary of_list(std::vector<TrieEntry> entries);

  std::optional<std::int32_t> id_of(std::string_view token) const {
    const std::int32_t id = trie_.find(token);
    return id < 0 ? std::nullopt : std::optional(id);
  }
  // The id of the unknown token; throws k_malformed when it is no token.
  std::int32_t unknown_id(std::string_view token) const;
  // The text of an id; empty where there is none.
  std::string_view token(std::int32_t id) const;
  // Number of texts: the first id that is free.
  std::size_t size() const { return size_; }
  // One more than the highest id.
  std::int64_t id_limit() const {
    return places_.empty() ? 0 : std::int64_t{places_.back().id} + 1;
  }
  // Text -> id.
  const DoubleArray& trie() const { return trie_; }

 private:
  struct Place {
    std::int32_t id;
    std::uint32_t offset;
    std::uint32_t length;
  };

  std::size_t size_ = 0;
  std::string texts_;
  std::vector<Place> places_;  // ascending by id
  DoubleArray trie_;
};

}  // namespace hasten::tokenizer
