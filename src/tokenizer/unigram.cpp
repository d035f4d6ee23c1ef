#include "tokenizer/unigram.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

constexpr double k_unknown_penalty = 10.0;
constexpr std::uint32_t k_no_start = 0xFFFFFFFF;
// Memory for longer pieces is given back after use.
constexpr std::size_t k_kept_nodes = 1 << 16;

// The best path that ends before a byte.
struct Node {
  double score = 0;
  std::uint32_t start = k_no_start;  // of its last token
  std::int32_t id = 0;
};

// A token of the best path.
struct Token {
  std::uint32_t start;
  std::uint32_t end;
  std::int32_t id;
};

}  // namespace

class Unigram::UnigramScratch : public ModelScratch {
 public:
  std::vector<Node> nodes;
  std::vector<Token> path;  // from the end
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
  for (std::size_t byte = 0; byte < 256; ++byte) {
    byte_ids_[byte] = vocabulary_.id_of(fmt::format("<0x{:02X}>", byte)).value_or(-1);
  }
}

std::unique_ptr<ModelScratch> Unigram::make_scratch() const {
  return std::make_unique<UnigramScratch>();
}

void Unigram::find_best_path(std::string_view piece, UnigramScratch& scratch) const {
  const DoubleArray& trie = vocabulary_.trie();
  auto& nodes = scratch.nodes;
  nodes.assign(piece.size() + 1, Node());
  const auto offer = [&](std::size_t start, std::size_t end, double score, std::int32_t id) {
    Node& node = nodes[end];
    if (node.start != k_no_start && !(score > node.score)) return;
    node = {score, static_cast<std::uint32_t>(start), id};
  };
  for (std::size_t start = 0; start < piece.size();) {
    const std::size_t length = utf8_length(piece[start]);
    const double so_far = nodes[start].score;
    bool has_single = false;
    DoubleArray::State state = DoubleArray::k_root;
    for (std::size_t end = start; end < piece.size();) {
      state = trie.step(state, piece[end++]);
      if (state == DoubleArray::k_none) break;
      if (!trie.has_value(state)) continue;
      const std::int32_t id = trie.value(state);
      offer(start, end, options_.scores[static_cast<std::size_t>(id)] + so_far, id);
      has_single |= end - start == length;
    }
    if (!has_single) {
      offer(start, start + length, unknown_score_ + so_far, options_.unknown_id);
    }
    start += length;
  }
}

void Unigram::encode(std::string_view piece, ModelScratch* scratch,
                     std::vector<std::int32_t>& ids) const {
  if (piece.size() >= k_no_start) {
    fail(ErrorCode::k_bad_data, "a text of 4 GB or more cannot be tokenized");
  }
  auto& own = static_cast<UnigramScratch&>(*scratch);
  find_best_path(piece, own);
  own.path.clear();
  for (auto end = static_cast<std::uint32_t>(piece.size()); end > 0;) {
    const Node& node = own.nodes[end];
    // Neighbouring unknowns are one token.
    const bool fuses = node.id == options_.unknown_id && !own.path.empty() &&
                       own.path.back().id == options_.unknown_id;
    if (fuses) {
      own.path.back().start = node.start;
    } else {
      own.path.push_back({node.start, end, node.id});
    }
    end = node.start;
  }
  for (auto token = own.path.rbegin(); token != own.path.rend(); ++token) {
    if (token->id == options_.unknown_id) {
      append_unknown(piece.substr(token->start, token->end - token->start), ids);
    } else {
      ids.push_back(token->id);
    }
  }
  if (own.nodes.capacity() > k_kept_nodes) own = UnigramScratch();
}

void Unigram::append_unknown(std::string_view text, std::vector<std::int32_t>& ids) const {
  const auto byte_id = [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
  if (const auto id = vocabulary_.id_of(text)) {
    ids.push_back(*id);
  } else if (options_.byte_fallback &&
             std::all_of(text.begin(), text.end(), [&](char byte) { return byte_id(byte) >= 0; })) {
    for (const char byte : text) ids.push_back(byte_id(byte));
  } else {
    ids.push_back(options_.unknown_id);
  }
}

}  // namespace hasten::tokenizer
