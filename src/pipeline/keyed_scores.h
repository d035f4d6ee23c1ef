// KeyedScores: scores by the hash of what was scored, in memory or in a file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace hasten::pipeline {

// Half of a SHA-256: no two texts share one, not even on purpose.
using ScoreKey = std::array<std::uint64_t, 2>;

// What came out of some texts: as many floats for each key as for any other.
struct KeyedResults {
  std::vector<ScoreKey> keys;
  std::vector<float> values;

  std::span<const float> values_of(std::size_t index) const {
    const std::size_t count = values.size() / keys.size();
    return std::span(values).subspan(index * count, count);
  }
};

// A hash table of entries of one size, each a key and `value_count` floats. Grows by doubling;
// beyond `memory_bytes` it lies in an unnamed file in `folder`, whose pages the system keeps in
// memory as it can. Used by one thread at a time.
class KeyedScores {
 public:
  struct Options {
    std::size_t value_count = 1;
    std::size_t capacity = std::size_t{1} << 12;  // entries at first
    std::size_t memory_bytes = std::size_t{256} << 20;
    std::filesystem::path folder;  // empty: always in memory
  };
  explicit KeyedScores(const Options& options);
  ~KeyedScores();
  KeyedScores(const KeyedScores&) = delete;
  KeyedScores& operator=(const KeyedScores&) = delete;

  // What an entry holds: nothing while its values are awaited.
  struct Entry {
    bool* is_filled;
    std::span<float> values;
  };
  // Valid until the next insert().
  std::optional<Entry> find(const ScoreKey& key) const;
  // Makes an entry that is not filled for a key that has none; false when there is no room for it
  // on the disk.
  bool insert(const ScoreKey& key);

  std::size_t size() const { return size_; }
  bool is_in_file() const { return in_file_; }

 private:
  struct Header;

  std::byte* slot(std::byte* table, std::size_t capacity, const ScoreKey& key) const;
  bool grow();
  bool reserve(std::size_t capacity);
  std::byte* map(std::size_t bytes, bool in_file) const;

  Options options_;
  std::size_t entry_bytes_;
  std::byte* table_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  bool in_file_ = false;
};

}  // namespace hasten::pipeline
