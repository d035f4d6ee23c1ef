// A trie over bytes in two flat arrays: each step is two reads, whatever the number of keys.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hasten::tokenizer {

// A key and its value. Values are not negative.
struct TrieEntry {
  std::string_view key;
  std::int32_t value = 0;
};

// Immutable; keeps no view of its keys. After J. Aoe, "An efficient digital search algorithm by using
// a double-array structure" (1989), with the child's place being base XOR byte as in darts-clone.
class DoubleArray {
 public:
  using State = std::uint32_t;
  static constexpr State k_root = 0;
  static constexpr State k_none = 0xFFFFFFFF;

  DoubleArray() : DoubleArray(std::span<const TrieEntry>()) {}
  // `entries` must be sorted by key, bytes compared unsigned, without repeats.
  explicit DoubleArray(std::span<const TrieEntry> entries);

  // The state one byte further, or k_none. `state` must not be k_none.
  State step(State state, char byte) const {
    const State next = (units_[state].base & ~k_has_value) ^ static_cast<unsigned char>(byte);
    return units_[next].parent == state ? next : k_none;
  }
  bool has_value(State state) const { return (units_[state].base & k_has_value) != 0; }
  // The value of a state that has one.
  std::int32_t value(State state) const { return values_[state]; }

  // The state after a whole string, or k_none.
  State walk(State state, std::string_view text) const {
    for (const char byte : text) {
      if (state == k_none) break;
      state = step(state, byte);
    }
    return state;
  }
  // The value of a key, or -1.
  std::int32_t find(std::string_view key) const {
    const State state = walk(k_root, key);
    return state == k_none || !has_value(state) ? -1 : value(state);
  }

 private:
  friend class DoubleArrayBuilder;
  static constexpr std::uint32_t k_has_value = 0x80000000;

  struct Unit {
    std::uint32_t base = 0;
    State parent = k_none;
  };

  std::vector<Unit> units_;  // whole blocks of 256, so that every step stays inside
  std::vector<std::int32_t> values_;
};

// Sorts entries by key as DoubleArray wants them; of equal keys the last one stays.
void sort_trie_entries(std::vector<TrieEntry>& entries);

}  // namespace hasten::tokenizer
