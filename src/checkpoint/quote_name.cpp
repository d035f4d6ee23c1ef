#include "checkpoint/quote_name.h"

#include <simdjson.h>

#include <algorithm>

namespace hasten::checkpoint {
namespace {

bool is_control(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
}

}  // namespace

std::string quote_name(std::string_view name) {
  constexpr std::size_t k_longest = 80;
  std::string out = "'";
  for (const char byte : name.substr(0, k_longest)) {
    const bool plain = !is_control(byte) && static_cast<unsigned char>(byte) < 0x80;
    out += plain ? byte : '?';
  }
  return out + (name.size() > k_longest ? "...'" : "'");
}

bool is_tensor_name(std::string_view name) {
  return !name.empty() && name.size() <= 1000 &&
         std::none_of(name.begin(), name.end(), is_control) &&
         simdjson::validate_utf8(name.data(), name.size());
}

}  // namespace hasten::checkpoint
