#include "data/cell_text.h"

#include "base/json.h"

namespace hasten::data {

std::string text_of(const Cell& cell, const std::string& type) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
    if (type == k_bool_type) return *integer != 0 ? "true" : "false";
    return std::to_string(*integer);
  }
  std::string out;
  if (const auto* real = std::get_if<double>(&cell)) append_json_number(out, *real);
  return out;
}

RowId as_id(const Cell& cell, const std::string& type) {
  if (std::holds_alternative<std::monostate>(cell)) return {};
  const auto* integer = std::get_if<std::int64_t>(&cell);
  if (integer != nullptr && type != k_bool_type) return *integer;
  return text_of(cell, type);
}

}  // namespace hasten::data
