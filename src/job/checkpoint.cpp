#include "job/checkpoint.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstring>

#include "base/sha256.h"

namespace hasten::job {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view k_magic = "HASTENC1";
constexpr std::size_t k_hash_digits = 64;

struct Header {
  std::uint64_t first_row;
  std::uint64_t rows;
  std::uint64_t score_count;
  std::uint64_t label_count;
};

template <typename T>
void append(std::string& out, const std::vector<T>& values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

// Takes `count` values off the front; false when fewer remain.
template <typename T>
bool take(std::string_view& bytes, std::uint64_t count, std::vector<T>& values) {
  if (count > bytes.size() / sizeof(T)) return false;
  values.resize(count);
  std::memcpy(values.data(), bytes.data(), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
  return true;
}

std::string hash_of(std::string_view bytes) {
  return sha256_hex(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

}  // namespace

std::string encode(const Checkpoint& checkpoint) {
  const pipeline::BlockScores& scores = checkpoint.scores;
  const Header header{checkpoint.first_row, scores.row_count(), scores.scores.size(),
                      scores.labels.size()};
  std::string out(k_magic);
  out += checkpoint.binding;
  out.append(reinterpret_cast<const char*>(&header), sizeof header);
  append(out, scores.scores);
  append(out, scores.labels);
  append(out, scores.token_counts);
  append(out, scores.flags);
  return out + hash_of(out);
}

std::optional<Checkpoint> decode_checkpoint(std::string_view bytes) {
  if (bytes.size() < k_magic.size() + 2 * k_hash_digits + sizeof(Header)) return std::nullopt;
  const std::string_view hash = bytes.substr(bytes.size() - k_hash_digits);
  bytes.remove_suffix(k_hash_digits);
  if (!bytes.starts_with(k_magic) || hash_of(bytes) != hash) return std::nullopt;
  bytes.remove_prefix(k_magic.size());
  Checkpoint checkpoint;
  checkpoint.binding = bytes.substr(0, k_hash_digits);
  bytes.remove_prefix(k_hash_digits);
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  bytes.remove_prefix(sizeof header);
  checkpoint.first_row = header.first_row;
  pipeline::BlockScores& scores = checkpoint.scores;
  const bool fits = take(bytes, header.score_count, scores.scores) &&
                    take(bytes, header.label_count, scores.labels) &&
                    take(bytes, header.rows, scores.token_counts) &&
                    take(bytes, header.rows, scores.flags) && bytes.empty();
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
