#include "job/result_segment.h"

#include <limits>

#include "job/sealed_bytes.h"

namespace hasten::job {
namespace {

constexpr std::string_view k_magic = "HASTENR2";

struct Header {
  std::uint64_t key_count;
  std::uint64_t value_count;  // of each key
};

}  // namespace

std::string encode(const pipeline::KeyedResults& results, const std::string& binding) {
  const std::uint64_t keys = results.keys.size();
  std::string out(k_magic);
  out += binding;
  append_value(out, Header{keys, keys == 0 ? 0 : results.values.size() / keys});
  append_values(out, results.keys);
  append_values(out, results.values);
  return seal(std::move(out));
}

std::optional<pipeline::KeyedResults> decode_segment(std::string_view sealed,
                                                     std::string_view binding,
                                                     std::size_t value_count) {
  auto bytes = unseal(sealed);
  if (!bytes || take_text(*bytes, k_magic.size()) != k_magic ||
      take_text(*bytes, k_hash_digits) != binding) {
    return std::nullopt;
  }
  Header header;
  if (!take_value(*bytes, header) || header.key_count == 0 || header.value_count != value_count ||
      header.key_count > std::numeric_limits<std::uint64_t>::max() / value_count) {
    return std::nullopt;
  }
  pipeline::KeyedResults results;
  const bool fits = take_values(*bytes, header.key_count, results.keys) &&
                    take_values(*bytes, header.key_count * value_count, results.values) &&
                    bytes->empty();
  if (!fits) return std::nullopt;
  return results;
}

std::size_t segment_bytes(std::size_t texts, std::size_t value_count) {
  return k_magic.size() + 2 * k_hash_digits + sizeof(Header) +
         texts * (sizeof(pipeline::ScoreKey) + value_count * sizeof(float));
}

}  // namespace hasten::job
