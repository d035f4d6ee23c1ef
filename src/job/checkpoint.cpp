#include "job/checkpoint.h"

#include <fmt/format.h>

#include <charconv>

#include "job/sealed_bytes.h"

namespace hasten::job {
namespace {

constexpr std::string_view k_magic = "HASTENC2";

struct Header {
  std::uint64_t first_row;
  std::uint64_t rows;
  std::uint64_t score_count;
  std::uint64_t label_count;
};

}  // namespace

std::string encode(const Checkpoint& checkpoint) {
  const pipeline::BlockScores& scores = checkpoint.scores;
  std::string out(k_magic);
  out += checkpoint.binding;
  append_value(out, Header{checkpoint.first_row, scores.row_count(), scores.scores.size(),
                           scores.labels.size()});
  append_values(out, scores.scores);
  append_values(out, scores.labels);
  append_values(out, scores.token_counts);
  append_values(out, scores.flags);
  return seal(std::move(out));
}

std::optional<Checkpoint> decode_checkpoint(std::string_view sealed) {
  auto bytes = unseal(sealed);
  if (!bytes || take_text(*bytes, k_magic.size()) != k_magic) return std::nullopt;
  Checkpoint checkpoint;
  checkpoint.binding = take_text(*bytes, k_hash_digits);
  Header header;
  if (!take_value(*bytes, header)) return std::nullopt;
  checkpoint.first_row = header.first_row;
  pipeline::BlockScores& scores = checkpoint.scores;
  const bool fits = take_values(*bytes, header.score_count, scores.scores) &&
                    take_values(*bytes, header.label_count, scores.labels) &&
                    take_values(*bytes, header.rows, scores.token_counts) &&
                    take_values(*bytes, header.rows, scores.flags) && bytes->empty();
  if (!fits || header.rows == 0) return std::nullopt;
  return checkpoint;
}

std::string checkpoint_name(std::uint64_t first_row, std::uint64_t end_row) {
  return fmt::format("{:012}-{:012}", first_row, end_row);
}

std::optional<RowRange> parse_checkpoint_name(std::string_view name) {
  RowRange range;
  const char* const end = name.data() + name.size();
  const auto first = std::from_chars(name.data(), end, range.begin);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, range.end);
  if (second.ec != std::errc() || second.ptr != end || range.end <= range.begin) {
    return std::nullopt;
  }
  return range;
}

}  // namespace hasten::job
