#include "engine/float8_products.h"

#include <fmt/format.h>

#include <set>

namespace hasten::engine {
namespace {

constexpr std::int64_t k_multiple = 16;
constexpr std::size_t k_named = 3;

bool has_product(const Weight& weight) {
  return weight.inputs() % k_multiple == 0 && weight.outputs() % k_multiple == 0;
}

std::string line_of(const std::set<std::string>& shapes) {
  if (shapes.empty()) return {};
  std::string names;
  std::size_t named = 0;
  for (const std::string& shape : shapes) {
    if (named++ == k_named) break;
    names += (names.empty() ? "" : ", ") + shape;
  }
  if (shapes.size() > k_named) names += ", ...";
  return fmt::format(
      "fp8 takes products whose sizes are multiples of {}; bf16 computes those of {}.", k_multiple,
      names);
}

}  // namespace

std::string keep_from_float8(Program& program) {
  std::set<std::string> shapes;
  for (Instruction& instruction : program.instructions) {
    auto* linear = std::get_if<Linear>(&instruction);
    if (linear == nullptr || linear->precision != Precision::k_float8) continue;
    const bool of_tokens = program.buffer(linear->output).rows == Rows::k_tokens;
    if (of_tokens && has_product(linear->weight)) continue;
    linear->precision = Precision::k_bfloat16;
    if (of_tokens)
      shapes.insert(fmt::format("{}x{}", linear->weight.inputs(), linear->weight.outputs()));
  }
  return line_of(shapes);
}

}  // namespace hasten::engine
