// The merges of a BPE model: a pair of neighbouring ids -> its rank and the id that it becomes.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "tokenizer/definition.h"

namespace hasten::tokenizer {

// Immutable; an open-addressed hash table. Of equal pairs the last counts, with its rank.
class MergeTable {
 public:
  static constexpr std::uint32_t k_no_rank = 0xFFFFFFFF;

  struct Merge {
    std::uint32_t rank = k_no_rank;
    std::int32_t merged = 0;
  };

  MergeTable() : MergeTable(std::vector<BpeMerge>()) {}
  explicit MergeTable(const std::vector<BpeMerge>& merges)
      : slots_(std::bit_ceil(merges.size() * 2 + 2)), shift_(64 - std::countr_zero(slots_.size())) {
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
      const std::uint64_t key = key_of(merges[rank].left, merges[rank].right);
      std::size_t at = slot_of(key);
      while (slots_[at].key != k_empty && slots_[at].key != key)
        at = (at + 1) & (slots_.size() - 1);
      slots_[at] = {key, {static_cast<std::uint32_t>(rank), merges[rank].merged}};
    }
  }

  // A merge of k_no_rank when the two do not merge.
  Merge find(std::int32_t left, std::int32_t right) const {
    const std::uint64_t key = key_of(left, right);
    std::size_t at = slot_of(key);
    while (slots_[at].key != key) {
      if (slots_[at].key == k_empty) return {};
      at = (at + 1) & (slots_.size() - 1);
    }
    return slots_[at].merge;
  }

 private:
  static constexpr std::uint64_t k_empty = 0xFFFFFFFFFFFFFFFF;  // no pair: ids are not negative

  struct Slot {
    std::uint64_t key = k_empty;
    Merge merge;
  };

  static std::uint64_t key_of(std::int32_t left, std::int32_t right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 |
           static_cast<std::uint32_t>(right);
  }
  std::size_t slot_of(std::uint64_t key) const {
    key ^= key >> 29;
    return key * 0x9E3779B97F4A7C15 >> shift_;
  }

  std::vector<Slot> slots_;
  int shift_;
};

}  // namespace hasten::tokenizer
