#include "data/json_escapes.h"

#include <charconv>
#include <string_view>

namespace hasten::data {
namespace {

constexpr std::size_t k_escape_bytes = 6;  // \uXXXX

// The code unit of the \uXXXX escape at `position`; -1 when there is none.
int code_unit_at(std::string_view json, std::size_t position) {
  const std::string_view escape = json.substr(std::min(position, json.size()), k_escape_bytes);
  if (escape.size() < k_escape_bytes || escape[0] != '\\' || escape[1] != 'u') return -1;
  unsigned unit = 0;
  const auto result = std::from_chars(escape.data() + 2, escape.data() + k_escape_bytes, unit, 16);
  return result.ptr == escape.data() + k_escape_bytes ? static_cast<int>(unit) : -1;
}

bool is_high(int unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(int unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

}  // namespace

std::size_t repair_surrogate_escapes(std::string& json) {
  std::size_t replaced = 0;
  for (std::size_t i = json.find('\\'); i != std::string::npos; i = json.find('\\', i)) {
    const int unit = code_unit_at(json, i);
    if (unit < 0) {
      i += 2;  // another escape, such as a backslash that is itself escaped
    } else if (is_high(unit) && is_low(code_unit_at(json, i + k_escape_bytes))) {
      i += 2 * k_escape_bytes;
    } else {
      if (is_high(unit) || is_low(unit)) {
        json.replace(i, k_escape_bytes, "\\ufffd");
        ++replaced;
      }
      i += k_escape_bytes;
    }
  }
  return replaced;
}

}  // namespace hasten::data
