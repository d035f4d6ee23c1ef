#include "tokenizer/double_array.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "base/error.h"

namespace hasten::tokenizer {

// Places the children of one node after the other. A node's children share one block of 256 units,
// because XOR with a byte changes only the low eight bits. Nodes with one child, by far the most,
// fill the gaps that the others leave.
class DoubleArrayBuilder {
 public:
  DoubleArrayBuilder(DoubleArray& trie, std::span<const TrieEntry> entries)
      : trie_(trie), entries_(entries) {}

  void build() {
    add_block();
    take(DoubleArray::k_root);
    if (!entries_.empty()) pending_.push_back({DoubleArray::k_root, 0, entries_.size(), 0});
    while (!pending_.empty()) {
      const Node node = pending_.back();
      pending_.pop_back();
      place_children(node);
    }
  }

 private:
  static constexpr std::size_t k_block = 256;
  // How many of the newest blocks a node with several children is tried in.
  static constexpr std::size_t k_open_blocks = 8;

  // The entries [first, last) share their first `depth` bytes, which lead to `state`.
  struct Node {
    DoubleArray::State state;
    std::size_t first;
    std::size_t last;
    std::size_t depth;
  };
  struct Block {
    std::array<std::uint64_t, 4> used{};
    std::size_t free = k_block;
    bool is_free(std::size_t place) const { return (used[place / 64] >> place % 64 & 1) == 0; }
  };

  unsigned char label(std::size_t entry, std::size_t depth) const {
    return static_cast<unsigned char>(entries_[entry].key[depth]);
  }

  void add_block() {
    if (trie_.units_.size() + k_block > DoubleArray::k_has_value) {
      fail(ErrorCode::k_unsupported, "the vocabulary is too large for a trie");
    }
    blocks_.emplace_back();
    trie_.units_.resize(trie_.units_.size() + k_block);
    trie_.values_.resize(trie_.units_.size());
  }

  void take(DoubleArray::State state) {
    Block& block = blocks_[state / k_block];
    block.used[state % k_block / 64] |= std::uint64_t{1} << state % 64;
    --block.free;
  }

  void place_children(Node node) {
    if (entries_[node.first].key.size() == node.depth) {
      trie_.values_[node.state] = entries_[node.first].value;
      trie_.units_[node.state].base |= DoubleArray::k_has_value;
      if (++node.first == node.last) return;
    }
    collect_labels(node);
    const DoubleArray::State base = find_base();
    trie_.units_[node.state].base |= base;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const DoubleArray::State child = base ^ labels_[i];
      take(child);
      trie_.units_[child].parent = node.state;
      const std::size_t last = i + 1 < starts_.size() ? starts_[i + 1] : node.last;
      pending_.push_back({child, starts_[i], last, node.depth + 1});
    }
  }

  void collect_labels(const Node& node) {
    labels_.clear();
    starts_.clear();
    for (std::size_t i = node.first; i < node.last; ++i) {
      const unsigned char byte = label(i, node.depth);
      if (!labels_.empty() && labels_.back() == byte) continue;
      labels_.push_back(byte);
      starts_.push_back(i);
    }
  }

  DoubleArray::State find_base() {
    if (labels_.size() == 1) return find_gap();
    const std::size_t count = blocks_.size();
    for (std::size_t b = count - std::min(count, k_open_blocks); b < count; ++b) {
      if (blocks_[b].free < labels_.size()) continue;
      if (const std::size_t low = find_in_block(blocks_[b]); low < k_block) {
        return static_cast<DoubleArray::State>(b * k_block + low);
      }
    }
    add_block();
    return static_cast<DoubleArray::State>((blocks_.size() - 1) * k_block);
  }

  DoubleArray::State find_gap() {
    while (first_gap_ < blocks_.size() && blocks_[first_gap_].free == 0) ++first_gap_;
    if (first_gap_ == blocks_.size()) add_block();
    const Block& block = blocks_[first_gap_];
    std::size_t word = 0;
    while (~block.used[word] == 0) ++word;
    const auto place = word * 64 + static_cast<std::size_t>(std::countr_one(block.used[word]));
    return static_cast<DoubleArray::State>(first_gap_ * k_block + (place ^ labels_[0]));
  }

  // The low eight bits of a base that fits the labels into the block, or k_block.
  std::size_t find_in_block(const Block& block) const {
    for (std::size_t word = 0; word < block.used.size(); ++word) {
      for (std::uint64_t free = ~block.used[word]; free != 0; free &= free - 1) {
        const auto place = word * 64 + static_cast<std::size_t>(std::countr_zero(free));
        const std::size_t base = place ^ labels_[0];
        const bool fits = std::all_of(labels_.begin() + 1, labels_.end(), [&](unsigned char byte) {
          return block.is_free(base ^ byte);
        });
        if (fits) return base;
      }
    }
    return k_block;
  }

  DoubleArray& trie_;
  std::span<const TrieEntry> entries_;
  std::vector<Block> blocks_;
  std::size_t first_gap_ = 0;
  std::vector<Node> pending_;
  std::vector<unsigned char> labels_;
  std::vector<std::size_t> starts_;
};

DoubleArray::DoubleArray(std::span<const TrieEntry> entries) {
  DoubleArrayBuilder(*this, entries).build();
}

namespace {

// The first eight bytes of a key as a number that orders as the bytes do.
std::uint64_t leading_bytes(std::string_view key) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    bytes = bytes << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
  }
  return bytes;
}

}  // namespace

void sort_trie_entries(std::vector<TrieEntry>& entries) {
  struct Item {
    std::uint64_t leading;
    std::size_t index;
  };
  std::vector<Item> items(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) items[i] = {leading_bytes(entries[i].key), i};
  std::sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    if (a.leading != b.leading) return a.leading < b.leading;
    const int order = entries[a.index].key.compare(entries[b.index].key);
    return order != 0 ? order < 0 : a.index < b.index;
  });
  std::vector<TrieEntry> sorted;
  sorted.reserve(entries.size());
  for (const Item& item : items) {
    if (!sorted.empty() && sorted.back().key == entries[item.index].key) sorted.pop_back();
    sorted.push_back(entries[item.index]);
  }
  entries = std::move(sorted);
}

}  // namespace hasten::tokenizer
