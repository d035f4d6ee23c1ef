// A bounded cache from short words to their ids.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace hasten::tokenizer {

// Holds one word per slot; a new word takes the slot of an older one with the same hash. Belongs to
// one thread.
class WordCache {
 public:
  static constexpr std::size_t k_max_word = 32;  // bytes
  static constexpr std::size_t k_max_ids = 7;

  // A word of 1 to k_max_word bytes in four numbers: with the length they determine it.
  struct Key {
    std::uint64_t parts[4];
    std::uint32_t slot;
    std::uint8_t length;
  };

  WordCache() : entries_(k_slots) {}

  static Key key_of(std::string_view word) {
    const char* const begin = word.data();
    const std::size_t length = word.size();
    const char* const end = begin + length;
    Key key{{0, 0, 0, 0}, 0, static_cast<std::uint8_t>(length)};
    if (length < 4) {
      key.parts[0] = byte(begin[0]) | byte(begin[length / 2]) << 8 | byte(end[-1]) << 16;
    } else if (length < 8) {
      key.parts[0] = load<std::uint32_t>(begin) | std::uint64_t{load<std::uint32_t>(end - 4)} << 32;
    } else {
      key.parts[0] = load<std::uint64_t>(begin);
      key.parts[1] = load<std::uint64_t>(end - 8);
      if (length > 16) {
        key.parts[2] = load<std::uint64_t>(begin + 8);
        key.parts[3] = load<std::uint64_t>(end - 16);
      }
    }
    key.slot = slot_of(key);
    return key;
  }

  // The ids of a word, or null. Valid until the next insert().
  const std::int32_t* find(const Key& key, std::size_t& count) const {
    const Entry& entry = entries_[key.slot];
    if (entry.length != key.length || entry.parts[0] != key.parts[0] ||
        entry.parts[1] != key.parts[1]) {
      return nullptr;
    }
    if (key.length > 16 && (entry.parts[2] != key.parts[2] || entry.parts[3] != key.parts[3])) {
      return nullptr;
    }
    count = entry.count;
    return entry.ids;
  }

  // Words of more than k_max_ids ids are not kept.
  void insert(const Key& key, std::span<const std::int32_t> ids) {
    if (ids.size() > k_max_ids) return;
    Entry& entry = entries_[key.slot];
    std::memcpy(entry.parts, key.parts, sizeof entry.parts);
    entry.length = key.length;
    entry.count = static_cast<std::uint8_t>(ids.size());
    std::copy(ids.begin(), ids.end(), entry.ids);
  }

 private:
  static constexpr std::size_t k_slots = 1 << 16;

  struct alignas(64) Entry {
    std::uint64_t parts[4];
    std::int32_t ids[k_max_ids];
    std::uint8_t length = 0;  // 0: empty
    std::uint8_t count = 0;
  };

  static std::uint64_t byte(char c) { return static_cast<unsigned char>(c); }
  template <typename T>
  static T load(const char* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }

  static std::uint32_t slot_of(const Key& key) {
    const std::uint64_t mixed =
        (key.parts[0] ^ key.parts[2] * 0x9E3779B97F4A7C15 ^ key.length) * 0xD6E8FEB86659FD93 +
        (key.parts[1] ^ key.parts[3] << 7) * 0xA0761D6478BD642F;
    return static_cast<std::uint32_t>((mixed ^ mixed >> 29) * 0x9E3779B97F4A7C15 >> 48);
  }

  std::vector<Entry> entries_;
};

}  // namespace hasten::tokenizer
