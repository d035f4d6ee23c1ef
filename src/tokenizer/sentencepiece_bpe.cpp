#include "tokenizer/sentencepiece_bpe.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

// A merge with what it is ordered by.
struct Candidate {
  BpeMerge merge;
  double score;
  std::size_t left_length;  // code points
  std::size_t right_length;
  // The ids in the model itself order the ways to make one piece.
  std::int32_t left_place;
  std::int32_t right_place;
};

// Splitting a piece costs the square of its length.
constexpr std::size_t k_max_piece = 1024;

}  // namespace

std::vector<BpeMerge> derive_merges(const SentencePieceModel& model,
                                    const std::vector<ScoredPiece>& pieces,
                                    const Vocabulary& vocabulary) {
  std::vector<TrieEntry> entries;
  for (const auto& piece : model.pieces) {
    entries.push_back({piece.text, static_cast<std::int32_t>(entries.size())});
  }
  const Vocabulary places(std::move(entries));
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string& text = pieces[i].text;
    // Of repeated pieces the last has the score.
    const std::int32_t id = vocabulary.id_of(text).value();
    if (static_cast<std::size_t>(id) != i) continue;
    if (text.size() > k_max_piece) fail(ErrorCode::k_unsupported, "a piece exceeds 1,024 bytes");
    const std::size_t first = candidates.size();
    const std::size_t length = count_code_points(text);
    std::size_t left_length = 1;
    for (std::size_t at = text.empty() ? 0 : utf8_length(text[0]); at < text.size();
         at += utf8_length(text[at]), ++left_length) {
      const auto left = places.id_of(std::string_view(text).substr(0, at));
      const auto right = places.id_of(std::string_view(text).substr(at));
      const auto left_id = vocabulary.id_of(std::string_view(text).substr(0, at));
      const auto right_id = vocabulary.id_of(std::string_view(text).substr(at));
      if (!left || !right || !left_id || !right_id) continue;
      candidates.push_back({{*left_id, *right_id, id},
                            pieces[i].score,
                            left_length,
                            length - left_length,
                            *left,
                            *right});
    }
    std::sort(candidates.begin() + static_cast<std::ptrdiff_t>(first), candidates.end(),
              [](const Candidate& a, const Candidate& b) {
                return std::tie(a.left_place, a.right_place) <
                       std::tie(b.left_place, b.right_place);
              });
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     return std::tie(a.score, a.left_length, a.right_length) >
                            std::tie(b.score, b.left_length, b.right_length);
                   });
  std::vector<BpeMerge> merges;
  merges.reserve(candidates.size());
  for (const Candidate& candidate : candidates) merges.push_back(candidate.merge);
  return merges;
}

}  // namespace hasten::tokenizer
