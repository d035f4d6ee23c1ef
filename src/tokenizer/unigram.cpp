#include "tokenizer/unigram.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "base/error.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

constexpr double k_unknown_penalty = 10.0;
// What ends before a byte, where it is no token.
constexpr std::int32_t k_unreached = -2;
constexpr std::int32_t k_unknown = -1;  // one code point that no token has
// Memory for longer pieces is given back after use.
constexpr std::size_t k_kept_bytes = 1 << 16;

}  // namespace

class Unigram::UnigramScratch : public ModelScratch {
 public:
  std::vector<std::int32_t> last_ids;  // the last token of the best path that ends before a byte
  std::vector<double> scores;          // of the best paths within reach: a ring
};

Unigram::Unigram(Vocabulary vocabulary, UnigramDefinition options)
    : vocabulary_(std::move(vocabulary)), options_(std::move(options)) {
  if (options_.unknown_id < 0 ||
      static_cast<std::size_t>(options_.unknown_id) >= options_.scores.size()) {
    fail(ErrorCode::k_malformed, "the Unigram model's unk_id is not in its vocabulary");
  }
  double lowest = std::numeric_limits<double>::infinity();
  for (const double score : options_.scores) lowest = std::min(lowest, score);
  unknown_score_ = lowest - k_unknown_penalty;
  std::size_t longest = 4;  // a code point
  for (std::size_t id = 0; id < options_.scores.size(); ++id) {
    lengths_.push_back(
        static_cast<std::uint32_t>(vocabulary_.token(static_cast<std::int32_t>(id)).size()));
    longest = std::max<std::size_t>(longest, lengths_.back());
  }
  reach_ = std::bit_ceil(longest + 1);
  for (std::size_t byte = 0; byte < 256; ++byte) {
    byte_ids_[byte] = vocabulary_.id_of(fmt::format("<0x{:02X}>", byte)).value_or(-1);
  }
}

std::unique_ptr<ModelScratch> Unigram::make_scratch() const {
  return std::make_unique<UnigramScratch>();
}

void Unigram::find_best_path(std::string_view piece, UnigramScratch& scratch) const {
  const DoubleArray& trie = vocabulary_.trie();
  auto& last_ids = scratch.last_ids;
  auto& scores = scratch.scores;
  const std::size_t mask = reach_ - 1;
  last_ids.assign(piece.size() + 1, k_unreached);
  scores.resize(reach_);
  scores[0] = 0;
  const auto offer = [&](std::size_t end, double score, std::int32_t id) {
    if (last_ids[end] != k_unreached && !(score > scores[end & mask])) return;
    scores[end & mask] = score;
    last_ids[end] = id;
  };
  for (std::size_t start = 0; start < piece.size();) {
    const std::size_t length = utf8_length(piece[start]);
    const double so_far = scores[start & mask];
    bool has_single = false;
    DoubleArray::State state = DoubleArray::k_root;
    for (std::size_t end = start; end < piece.size();) {
      state = trie.step(state, piece[end++]);
      if (state == DoubleArray::k_none) break;
      if (!trie.has_value(state)) continue;
      const std::int32_t id = trie.value(state);
      offer(end, options_.scores[static_cast<std::size_t>(id)] + so_far, id);
      has_single |= end - start == length;
    }
    if (!has_single) offer(start + length, unknown_score_ + so_far, k_unknown);
    start += length;
  }
}

void Unigram::encode(std::string_view piece, ModelScratch* scratch,
                     std::vector<std::int32_t>& ids) const {
  auto& own = static_cast<UnigramScratch&>(*scratch);
  find_best_path(piece, own);
  // The path is followed from its end; neighbouring unknowns are one token.
  const auto first = static_cast<std::ptrdiff_t>(ids.size());
  std::size_t unknown_end = 0;
  for (std::size_t end = piece.size(); end > 0;) {
    std::int32_t id = own.last_ids[end];
    std::size_t start = end - 1;
    if (id == k_unknown) {
      while (is_continuation(piece[start])) --start;
      id = options_.unknown_id;
    } else {
      start = end - lengths_[static_cast<std::size_t>(id)];
    }
    if (id == options_.unknown_id) {
      if (unknown_end == 0) unknown_end = end;
    } else {
      if (unknown_end != 0) append_reversed_unknown(piece.substr(end, unknown_end - end), ids);
      unknown_end = 0;
      ids.push_back(id);
    }
    end = start;
  }
  if (unknown_end != 0) append_reversed_unknown(piece.substr(0, unknown_end), ids);
  std::reverse(ids.begin() + first, ids.end());
  if (own.last_ids.capacity() > k_kept_bytes) own = UnigramScratch();
}

void Unigram::append_reversed_unknown(std::string_view text, std::vector<std::int32_t>& ids) const {
  const auto byte_id = [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
  if (const auto id = vocabulary_.id_of(text)) {
    ids.push_back(*id);
  } else if (options_.byte_fallback &&
             std::all_of(text.begin(), text.end(), [&](char byte) { return byte_id(byte) >= 0; })) {
    for (auto byte = text.rbegin(); byte != text.rend(); ++byte) ids.push_back(byte_id(*byte));
  } else {
    ids.push_back(options_.unknown_id);
  }
}

}  // namespace hasten::tokenizer
