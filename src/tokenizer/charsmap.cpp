#include "tokenizer/charsmap.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "tokenizer/grapheme.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

// The fields of a darts-clone unit.
bool has_leaf(std::uint32_t unit) {
  return (unit >> 8 & 1) != 0;
}
std::uint32_t value(std::uint32_t unit) {
  return unit & 0x7FFFFFFF;
}
std::uint32_t label(std::uint32_t unit) {
  return unit & 0x800000FF;
}
std::size_t offset(std::uint32_t unit) {
  return std::size_t{unit >> 10} << ((unit & 1u << 9) >> 6);
}

// Longer clusters are taken code point by code point.
constexpr std::size_t k_cluster_limit = 6;

}  // namespace

Charsmap::Charsmap(std::string_view blob) {
  const auto refuse = [](std::string what) {
    fail(ErrorCode::k_malformed, std::move(what), "the charsmap of the tokenizer");
  };
  std::uint32_t bytes = 0;
  if (blob.size() < sizeof bytes) refuse("the charsmap is too short");
  std::memcpy(&bytes, blob.data(), sizeof bytes);
  blob.remove_prefix(sizeof bytes);
  if (bytes > blob.size() || bytes % 4 != 0)
    refuse("the charsmap's trie is longer than the charsmap");
  units_.resize(bytes / 4);
  if (bytes > 0) std::memcpy(units_.data(), blob.data(), bytes);
  replacements_ = blob.substr(bytes);
  if (!is_valid_utf8(replacements_)) refuse("the charsmap's replacements are not UTF-8");
  for (std::size_t byte = 0; byte < keeps_ascii_.size(); ++byte) {
    const std::size_t at = offset(unit(0)) ^ byte;
    keeps_ascii_[byte] = byte == 0 || label(unit(at)) != byte;
  }
}

bool Charsmap::find(std::string_view text, std::string_view& replacement) const {
  std::size_t at = offset(unit(0));
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0) return false;
    at ^= byte;
    const std::uint32_t node = unit(at);
    if (label(node) != byte) return false;
    at ^= offset(node);
    if (!has_leaf(node)) continue;
    const std::size_t begin = value(unit(at));
    if (begin >= replacements_.size() || is_continuation(replacements_[begin])) return false;
    replacement = std::string_view(replacements_).substr(begin);
    replacement = replacement.substr(0, replacement.find('\0'));
    return true;
  }
  return false;
}

// A quick look: only ASCII that no key starts with.
bool Charsmap::is_unchanged(std::string_view text) const {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 128 && keeps_ascii_[byte];
  });
}

bool Charsmap::apply(std::string_view text, std::string& out) const {
  if (is_unchanged(text)) return false;
  const auto plain = [&](std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    return byte < 128 && keeps_ascii_[byte];
  };
  for (std::size_t at = 0; at < text.size();) {
    // Only what is not ASCII can join a plain character, which then is copied all the same.
    std::size_t end = at;
    while (end < text.size() && plain(end)) ++end;
    if (end < text.size() && end > at && static_cast<unsigned char>(text[end]) >= 128) --end;
    out.append(text.substr(at, end - at));
    at = end;
    if (at == text.size()) break;
    const std::string_view rest = text.substr(at);
    const std::size_t length = grapheme_length(rest);
    append_cluster(rest.substr(0, length), out);
    at += length;
  }
  return true;
}

void Charsmap::append_cluster(std::string_view cluster, std::string& out) const {
  std::string_view replacement;
  if (cluster.size() < k_cluster_limit && find(cluster, replacement)) {
    out.append(replacement);
    return;
  }
  while (!cluster.empty()) {
    const std::string_view code_point = cluster.substr(0, utf8_length(cluster[0]));
    out.append(find(code_point, replacement) ? replacement : code_point);
    cluster.remove_prefix(code_point.size());
  }
}

}  // namespace hasten::tokenizer
