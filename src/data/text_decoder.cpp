#include "data/text_decoder.h"

#include <algorithm>

#include "data/utf8.h"

namespace hasten::data {
namespace {

constexpr std::string_view k_utf8_mark = "\xEF\xBB\xBF";
constexpr std::string_view k_utf16_little_mark = "\xFF\xFE";
constexpr std::string_view k_utf16_big_mark = "\xFE\xFF";
constexpr char k_ill_formed = '\xFF';
constexpr std::size_t k_judged_bytes = 4;

// Whether the first bytes are those of ASCII in UTF-16: every other one is zero, from `zero` on.
bool may_be_utf16(std::string_view bytes, std::size_t zero) {
  for (std::size_t i = 0; i < std::min(bytes.size(), k_judged_bytes); ++i) {
    if ((i % 2 == zero) != (bytes[i] == '\0')) return false;
  }
  return true;
}

}  // namespace

void TextDecoder::decode(std::string_view bytes, std::string& out) {
  if (encoding_ == Encoding::k_undecided) {
    held_ += bytes;
    if (!decide(false)) return;
    const std::string start = std::move(held_);
    held_.clear();
    decode(start, out);
  } else if (encoding_ == Encoding::k_utf8) {
    out += bytes;
  } else {
    decode_utf16(bytes, out);
  }
}

// False while the held bytes may still become a mark.
bool TextDecoder::decide(bool at_end) {
  const auto take_mark = [&](std::string_view mark, Encoding encoding) {
    if (!held_.starts_with(mark)) return false;
    held_.erase(0, mark.size());
    mark_bytes_ = mark.size();
    encoding_ = encoding;
    return true;
  };
  if (take_mark(k_utf8_mark, Encoding::k_utf8) ||
      take_mark(k_utf16_little_mark, Encoding::k_utf16_little) ||
      take_mark(k_utf16_big_mark, Encoding::k_utf16_big)) {
    return true;
  }
  const bool may_be_little = may_be_utf16(held_, 1), may_be_big = may_be_utf16(held_, 0);
  if (held_.size() >= k_judged_bytes && (may_be_little || may_be_big)) {
    encoding_ = may_be_little ? Encoding::k_utf16_little : Encoding::k_utf16_big;
    return true;
  }
  const bool may_become_one = k_utf8_mark.starts_with(held_) ||
                              k_utf16_little_mark.starts_with(held_) ||
                              k_utf16_big_mark.starts_with(held_) ||
                              (held_.size() < k_judged_bytes && (may_be_little || may_be_big));
  if (may_become_one && !at_end) return false;
  encoding_ = Encoding::k_utf8;
  return true;
}

void TextDecoder::decode_utf16(std::string_view bytes, std::string& out) {
  const bool little = encoding_ == Encoding::k_utf16_little;
  const auto unit_of = [&](char first, char second) {
    const auto low = static_cast<unsigned char>(little ? first : second);
    const auto high = static_cast<unsigned char>(little ? second : first);
    return static_cast<char16_t>(high << 8 | low);
  };
  if (!held_.empty() && !bytes.empty()) {
    decode_unit(unit_of(held_.front(), bytes.front()), out);
    held_.clear();
    bytes.remove_prefix(1);
  }
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) decode_unit(unit_of(bytes[i], bytes[i + 1]), out);
  if (i < bytes.size()) held_ += bytes[i];
}

void TextDecoder::decode_unit(char16_t unit, std::string& out) {
  const bool is_high = (unit & 0xFC00) == 0xD800;
  const bool is_low = (unit & 0xFC00) == 0xDC00;
  if (high_surrogate_ != 0 && is_low) {
    append_utf8(out, 0x10000 + ((char32_t{high_surrogate_} & 0x3FF) << 10) + (unit & 0x3FF));
    high_surrogate_ = 0;
    return;
  }
  if (high_surrogate_ != 0) out += k_ill_formed;
  high_surrogate_ = is_high ? unit : char16_t{0};
  if (is_low) {
    out += k_ill_formed;
  } else if (!is_high) {
    append_utf8(out, unit);
  }
}

void TextDecoder::finish(std::string& out) {
  if (encoding_ == Encoding::k_undecided) {
    decide(true);
    out += held_;
  } else {
    if (high_surrogate_ != 0) out += k_ill_formed;
    if (!held_.empty()) out += k_ill_formed;
  }
  held_.clear();
  high_surrogate_ = 0;
}

}  // namespace hasten::data
