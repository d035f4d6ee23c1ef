#include "tokenizer/serde_number.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

namespace hasten::tokenizer {
namespace {

constexpr int k_highest_power = 308;

const std::array<double, k_highest_power + 1>& powers_of_ten() {
  static const auto powers = [] {
    std::array<double, k_highest_power + 1> out{};
    for (int exponent = 0; exponent <= k_highest_power; ++exponent) {
      const std::string text = fmt::format("1e{}", exponent);
      std::from_chars(text.data(), text.data() + text.size(),
                      out[static_cast<std::size_t>(exponent)]);
    }
    return out;
  }();
  return powers;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// value = value * 10 + digit; false, leaving it alone, where it is too large for that.
template <typename Integer>
bool append_digit(Integer& value, char digit) {
  constexpr Integer k_most = std::numeric_limits<Integer>::max();
  const auto last = static_cast<Integer>(digit - '0');
  if (value > k_most / 10 || (value == k_most / 10 && last > k_most % 10)) return false;
  value = static_cast<Integer>(value * 10 + last);
  return true;
}

// Each step rounds, as in the original.
std::optional<double> scale(std::uint64_t significand, std::int64_t exponent) {
  auto value = static_cast<double>(significand);
  for (; std::abs(exponent) > k_highest_power; exponent += k_highest_power) {
    if (value == 0) return value;
    if (exponent > 0) return std::nullopt;
    value /= 1e308;
  }
  const double power = powers_of_ten()[static_cast<std::size_t>(std::abs(exponent))];
  value = exponent < 0 ? value / power : value * power;
  return std::isinf(value) ? std::nullopt : std::optional(value);
}

class NumberReader {
 public:
  explicit NumberReader(std::string_view digits) : rest_(digits) {}

  std::optional<double> read() {
    read_integer();
    if (take('.')) read_fraction();
    if (take('e') || take('E')) return read_exponent();
    return scale(significand_, exponent_);
  }

 private:
  bool at_digit() const { return !rest_.empty() && is_digit(rest_[0]); }
  bool take(char wanted) {
    if (rest_.empty() || rest_[0] != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // After the first digit that does not fit, those before the point only count.
  void read_integer() {
    for (; at_digit() && append_digit(significand_, rest_[0]); rest_.remove_prefix(1)) {
    }
    for (; at_digit(); rest_.remove_prefix(1)) ++exponent_;
  }

  // After the first digit that does not fit, those behind the point are passed over.
  void read_fraction() {
    for (; at_digit() && append_digit(significand_, rest_[0]); rest_.remove_prefix(1)) --exponent_;
    while (at_digit()) rest_.remove_prefix(1);
  }

  std::optional<double> read_exponent() {
    const bool negative = take('-');
    take('+');
    std::int32_t exponent = 0;
    for (; at_digit(); rest_.remove_prefix(1)) {
      if (append_digit(exponent, rest_[0])) continue;
      if (significand_ != 0 && !negative) return std::nullopt;
      return 0.0;
    }
    return scale(significand_, exponent_ + (negative ? -std::int64_t{exponent} : exponent));
  }

  std::string_view rest_;
  std::uint64_t significand_ = 0;
  std::int64_t exponent_ = 0;
};

}  // namespace

std::optional<double> parse_serde_number(std::string_view number) {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  const std::optional<double> value = NumberReader(number).read();
  return value && negative ? std::optional(-*value) : value;
}

}  // namespace hasten::tokenizer
