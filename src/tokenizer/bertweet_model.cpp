#include "tokenizer/bertweet_model.h"

#include <algorithm>

#include "tokenizer/merge_queue.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

constexpr std::string_view k_word_end = "</w>";
// Up to here each round looks at the whole word.
constexpr std::size_t k_short_word = 40;
// Memory for longer words is given back after use.
constexpr std::size_t k_kept_symbols = 1 << 16;
constexpr std::int32_t k_merged_away = INT32_MIN;

// A symbol of a long word, linked to those that are left.
struct Link {
  std::int32_t symbol;
  std::int32_t previous;
  std::int32_t next;
};

bool by_rank(const MergeTable::Merge& a, const MergeTable::Merge& b) {
  return a.rank < b.rank;
}

// A code point that no merge knows stands for itself, as a negative number.
std::int32_t unmerged(char32_t code) {
  return -1 - static_cast<std::int32_t>(code);
}

}  // namespace

class BertweetModel::BertweetScratch : public ModelScratch {
 public:
  std::vector<std::int32_t> symbols;
  std::vector<MergeTable::Merge> merges;
  std::vector<Link> links;
  MergeQueue queue;
  std::vector<std::int32_t> places;
};

BertweetModel::BertweetModel(Vocabulary vocabulary, const BertweetDefinition& options)
    : vocabulary_(std::move(vocabulary)),
      unknown_id_(vocabulary_.unknown_id(options.unknown_token)),
      inside_mark_(options.inside_mark),
      end_mark_(options.end_mark),
      name_(options.end_mark.empty() ? "BERTweet BPE" : "Moses BPE") {
  add_merges(options);
}

void BertweetModel::add_merges(const BertweetDefinition& options) {
  std::vector<std::string> products;
  products.reserve(options.merges.size());
  std::vector<TrieEntry> entries;
  std::uint32_t ranks = 0;
  const auto add = [&](std::string_view text) {
    entries.push_back({text, static_cast<std::int32_t>(entries.size())});
  };
  for (const auto& merge : options.merges) {
    products.push_back(merge.left + merge.right);
    add(merge.left);
    add(merge.right);
    add(products.back());
    ranks = std::max(ranks, merge.rank + 1);
  }
  symbols_ = Vocabulary(entries);
  inside_ids_.assign(entries.size(), unknown_id_);
  final_ids_.assign(entries.size(), unknown_id_);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string_view text = entries[i].key;
    inside_ids_[i] = id_of(std::string(text).append(inside_mark_));
    const std::size_t letters = text.size() - std::min(text.size(), k_word_end.size());
    final_ids_[i] = id_of(std::string(text.substr(0, letters)).append(end_mark_));
  }
  // Ranks that no merge has stay empty: a pair of no symbols.
  std::vector<BpeMerge> merges(ranks, {INT32_MAX, INT32_MAX, 0});
  for (const auto& merge : options.merges) {
    merges[merge.rank] = {*symbols_.id_of(merge.left), *symbols_.id_of(merge.right),
                          *symbols_.id_of(merge.left + merge.right)};
  }
  merges_ = MergeTable(merges);
}

std::unique_ptr<ModelScratch> BertweetModel::make_scratch() const {
  return std::make_unique<BertweetScratch>();
}

void BertweetModel::encode(std::string_view word, ModelScratch* scratch,
                           std::vector<std::int32_t>& ids) const {
  if (word.size() == utf8_length(word[0])) {
    ids.push_back(id_of(std::string(word).append(end_mark_)));
    return;
  }
  auto& own = static_cast<BertweetScratch&>(*scratch);
  own.symbols.clear();
  add_symbols(word, own.symbols);
  if (own.symbols.size() <= k_short_word) {
    merge_short(own);
  } else {
    merge_long(own);
  }
  for (std::size_t i = 0; i < own.symbols.size(); ++i) {
    const std::int32_t symbol = own.symbols[i];
    const bool last = i + 1 == own.symbols.size();
    if (symbol >= 0) {
      ids.push_back((last ? final_ids_ : inside_ids_)[static_cast<std::size_t>(symbol)]);
    } else {
      std::string text;
      append_code_point(text, static_cast<char32_t>(-1 - symbol));
      text.append(last ? end_mark_ : inside_mark_);
      ids.push_back(id_of(text));
    }
  }
  if (own.symbols.capacity() > k_kept_symbols) own = BertweetScratch();
}

void BertweetModel::add_symbols(std::string_view word, std::vector<std::int32_t>& symbols) const {
  const DoubleArray& trie = symbols_.trie();
  const char* cursor = word.data();
  const char* const end = cursor + word.size();
  while (cursor != end) {
    const char* const at = cursor;
    const char32_t code = next_code_point(cursor);
    DoubleArray::State state =
        trie.walk(DoubleArray::k_root, {at, static_cast<std::size_t>(cursor - at)});
    if (cursor == end) state = trie.walk(state, k_word_end);
    const bool known = state != DoubleArray::k_none && trie.has_value(state);
    symbols.push_back(known ? trie.value(state) : unmerged(code));
  }
}

void BertweetModel::merge_short(BertweetScratch& scratch) const {
  auto& symbols = scratch.symbols;
  auto& merges = scratch.merges;  // merges[i] is that of symbols i and i + 1
  merges.clear();
  for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
    merges.push_back(merges_.find(symbols[i], symbols[i + 1]));
  }
  while (!merges.empty()) {
    const std::uint32_t lowest = std::min_element(merges.begin(), merges.end(), by_rank)->rank;
    if (lowest == MergeTable::k_no_rank) return;
    std::size_t kept = 0;
    bool after_merge = false;
    for (std::size_t i = 0; i < symbols.size(); ++kept) {
      const bool merging = i < merges.size() && merges[i].rank == lowest;
      symbols[kept] = merging ? merges[i].merged : symbols[i];
      if (kept > 0) {
        merges[kept - 1] =
            merging || after_merge ? merges_.find(symbols[kept - 1], symbols[kept]) : merges[i - 1];
      }
      after_merge = merging;
      i += merging ? 2 : 1;
    }
    symbols.resize(kept);
    merges.resize(kept - 1);
  }
}

void BertweetModel::merge_long(BertweetScratch& scratch) const {
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
    return merges_.find(link(place).symbol, link(link(place).next).symbol);
  };
  const auto push = [&](std::int32_t place) {
    const MergeTable::Merge pair = merge_at(place);
    if (pair.rank != MergeTable::k_no_rank) scratch.queue.push(pair.rank, place);
  };
  for (std::int32_t i = 0; i + 1 < count; ++i) push(i);
  for (std::uint32_t rank = 0; scratch.queue.pop_rank(rank, scratch.places);) {
    for (const std::int32_t place : scratch.places) {
      Link& left = link(place);
      if (left.symbol == k_merged_away || left.next < 0) continue;
      const MergeTable::Merge now = merge_at(place);
      if (now.rank != rank) continue;
      Link& right = link(left.next);
      left.symbol = now.merged;
      left.next = right.next;
      right.symbol = k_merged_away;
      if (left.next >= 0) {
        link(left.next).previous = place;
        push(place);
      }
      if (left.previous >= 0) push(left.previous);
    }
  }
  scratch.symbols.clear();
  for (std::int32_t at = 0; at >= 0; at = link(at).next) scratch.symbols.push_back(link(at).symbol);
}

}  // namespace hasten::tokenizer
