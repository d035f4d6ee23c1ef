#include "tokenizer/bpe.h"

#include <algorithm>

#include <fmt/format.h>

#include "tokenizer/byte_stand_ins.h"
#include "tokenizer/merge_queue.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

// Up to here the lowest rank is looked for from end to end; a queue has more to set up.
constexpr std::size_t k_short_word = 40;
// Memory for longer words is given back after use.
constexpr std::size_t k_kept_symbols = 1 << 16;

constexpr std::int32_t k_merged_away = -2;

// A symbol of a long word, linked to those that are left.
struct Link {
  std::int32_t id;
  std::int32_t previous;
  std::int32_t next;
};

}  // namespace

class Bpe::BpeScratch : public ModelScratch {
 public:
  std::vector<std::int32_t> symbols;
  std::vector<MergeTable::Merge> merges;
  std::vector<Link> links;
  MergeQueue queue;
};

Bpe::Bpe(Vocabulary vocabulary, BpeDefinition options)
    : vocabulary_(std::move(vocabulary)),
      options_(std::move(options)),
      merges_(options_.merges),
      inside_word_(
          vocabulary_.trie().walk(DoubleArray::k_root, options_.continuing_subword_prefix)) {
  merged_ids_.reserve(options_.merges.size());
  for (const BpeMerge& merge : options_.merges) merged_ids_.push_back(merge.merged);
  options_.merges = {};
  if (options_.unknown_token) unknown_id_ = vocabulary_.unknown_id(*options_.unknown_token);
  fill_byte_ids();
}

void Bpe::fill_byte_ids() {
  encodes_bytes_ =
      options_.continuing_subword_prefix.empty() && options_.end_of_word_suffix.empty();
  for (std::size_t byte = 0; byte < 256; ++byte) {
    std::string stand_in;
    append_code_point(stand_in, byte_stand_in(static_cast<unsigned char>(byte)));
    byte_ids_[byte] = vocabulary_.id_of(stand_in).value_or(-1);
    encodes_bytes_ &= byte_ids_[byte] >= 0;
    fallback_ids_[byte] = vocabulary_.id_of(fmt::format("<0x{:02X}>", byte)).value_or(-1);
  }
}

std::unique_ptr<ModelScratch> Bpe::make_scratch() const {
  return std::make_unique<BpeScratch>();
}

void Bpe::encode(std::string_view piece, ModelScratch* scratch,
                 std::vector<std::int32_t>& ids) const {
  if (options_.ignore_merges) {
    if (const auto id = vocabulary_.id_of(piece)) {
      ids.push_back(*id);
      return;
    }
  }
  auto& own = static_cast<BpeScratch&>(*scratch);
  own.symbols.clear();
  add_symbols(piece, own.symbols);
  merge(own, ids);
}

void Bpe::encode_bytes(std::string_view bytes, ModelScratch* scratch,
                       std::vector<std::int32_t>& ids) const {
  auto& own = static_cast<BpeScratch&>(*scratch);
  if (options_.ignore_merges) {
    DoubleArray::State state = DoubleArray::k_root;
    std::string stand_in;
    for (const char byte : bytes) {
      stand_in.clear();
      append_code_point(stand_in, byte_stand_in(static_cast<unsigned char>(byte)));
      state = vocabulary_.trie().walk(state, stand_in);
    }
    if (state != DoubleArray::k_none && vocabulary_.trie().has_value(state)) {
      ids.push_back(vocabulary_.trie().value(state));
      return;
    }
  }
  own.symbols.clear();
  for (const char byte : bytes) own.symbols.push_back(byte_ids_[static_cast<unsigned char>(byte)]);
  merge(own, ids);
}

void Bpe::add_symbols(std::string_view piece, std::vector<std::int32_t>& symbols) const {
  const DoubleArray& trie = vocabulary_.trie();
  Unknown unknown;
  for (std::size_t at = 0; at < piece.size();) {
    const std::string_view code_point = piece.substr(at, utf8_length(piece[at]));
    const bool last = at + code_point.size() == piece.size();
    DoubleArray::State state = trie.walk(at == 0 ? DoubleArray::k_root : inside_word_, code_point);
    if (last) state = trie.walk(state, options_.end_of_word_suffix);
    if (state != DoubleArray::k_none && trie.has_value(state)) {
      if (unknown.pending) symbols.push_back(*unknown_id_);
      unknown.pending = false;
      symbols.push_back(trie.value(state));
    } else {
      std::string text = at == 0 ? std::string() : options_.continuing_subword_prefix;
      text.append(code_point);
      if (last) text.append(options_.end_of_word_suffix);
      add_unknown(text, unknown, symbols);
    }
    at += code_point.size();
  }
  if (unknown.pending) symbols.push_back(*unknown_id_);
}

// The bytes of a fallback do not end pending unknowns: those come after them, as in the library.
void Bpe::add_unknown(std::string_view text, Unknown& unknown,
                      std::vector<std::int32_t>& symbols) const {
  const auto fallback_id = [&](char byte) {
    return fallback_ids_[static_cast<unsigned char>(byte)];
  };
  if (options_.byte_fallback &&
      std::all_of(text.begin(), text.end(), [&](char byte) { return fallback_id(byte) >= 0; })) {
    for (const char byte : text) symbols.push_back(fallback_id(byte));
    return;
  }
  if (!unknown_id_) return;
  if (unknown.pending && !options_.fuse_unknown) symbols.push_back(*unknown_id_);
  unknown.pending = true;
}

void Bpe::merge(BpeScratch& scratch, std::vector<std::int32_t>& ids) const {
  if (scratch.symbols.size() <= k_short_word) {
    merge_short(scratch, ids);
  } else {
    merge_long(scratch, ids);
  }
}

void Bpe::merge_short(BpeScratch& scratch, std::vector<std::int32_t>& ids) const {
  auto& symbols = scratch.symbols;
  auto& merges = scratch.merges;  // merges[i] is that of symbols i and i + 1
  merges.clear();
  for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
    merges.push_back(merges_.find(symbols[i], symbols[i + 1]));
  }
  const auto by_rank = [](const MergeTable::Merge& a, const MergeTable::Merge& b) {
    return a.rank < b.rank;
  };
  while (!merges.empty()) {
    const auto best = std::min_element(merges.begin(), merges.end(), by_rank);
    if (best->rank == MergeTable::k_no_rank) break;
    const auto at = static_cast<std::size_t>(best - merges.begin());
    symbols[at] = best->merged;
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    merges.erase(best);
    if (at < merges.size()) merges[at] = merges_.find(symbols[at], symbols[at + 1]);
    if (at > 0) merges[at - 1] = merges_.find(symbols[at - 1], symbols[at]);
  }
  ids.insert(ids.end(), symbols.begin(), symbols.end());
}

void Bpe::merge_long(BpeScratch& scratch, std::vector<std::int32_t>& ids) const {
  auto& links = scratch.links;
  const auto count = static_cast<std::int32_t>(scratch.symbols.size());
  links.clear();
  for (std::int32_t i = 0; i < count; ++i) {
    links.push_back(
        {scratch.symbols[static_cast<std::size_t>(i)], i - 1, i + 1 < count ? i + 1 : -1});
  }
  const auto link = [&](std::int32_t place) -> Link& {
    return links[static_cast<std::size_t>(place)];
  };
  const auto merge_at = [&](std::int32_t place) {
    return merges_.find(link(place).id, link(link(place).next).id);
  };
  const auto push = [&](std::int32_t place) {
    const MergeTable::Merge pair = merge_at(place);
    if (pair.rank != MergeTable::k_no_rank) scratch.queue.push(pair.rank, place);
  };
  for (std::int32_t i = 0; i + 1 < count; ++i) push(i);
  std::uint32_t rank = 0;
  for (std::int32_t place = 0; scratch.queue.pop(rank, place);) {
    Link& left = link(place);
    if (left.id == k_merged_away || left.next < 0) continue;
    // The pair may have changed since; what it becomes tells.
    const MergeTable::Merge now = merge_at(place);
    if (now.rank == MergeTable::k_no_rank || now.merged != merged_ids_[rank]) continue;
    Link& right = link(left.next);
    left.id = now.merged;
    left.next = right.next;
    right.id = k_merged_away;
    if (left.next >= 0) {
      link(left.next).previous = place;
      push(place);
    }
    if (left.previous >= 0) push(left.previous);
  }
  for (std::int32_t at = 0; at >= 0; at = link(at).next) ids.push_back(link(at).id);
  if (links.capacity() > k_kept_symbols) {
    links = {};
    scratch.symbols = {};
    scratch.queue.shrink();
  }
}

}  // namespace hasten::tokenizer
