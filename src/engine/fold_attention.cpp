#include "engine/fold_attention.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

namespace hasten::engine {
namespace {

// Below, the products with whole rows cost as much as keys and values in 8 bits.
constexpr std::int64_t k_smallest_head = 16;

bool writes(const Instruction& instruction, BufferId buffer) {
  return write_of(instruction) == buffer;
}

bool reads(const Instruction& instruction, BufferId buffer) {
  const auto ids = reads_of(instruction);
  return std::find(ids.begin(), ids.end(), buffer) != ids.end();
}

// The plain product that writes `buffer`, and no instruction but the one at `attention` reads it.
std::optional<std::size_t> find_product(const Program& program, BufferId buffer,
                                        std::size_t attention) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const Instruction& instruction = program.instructions[i];
    if (i != attention && reads(instruction, buffer)) return std::nullopt;
    if (!writes(instruction, buffer)) continue;
    const auto* linear = std::get_if<Linear>(&instruction);
    const bool plain = linear != nullptr && linear->activation == Activation::k_none &&
                       linear->residual == k_no_buffer && i < attention;
    if (found || !plain) return std::nullopt;
    found = i;
  }
  return found;
}

struct Site {
  std::size_t attention, key, value;  // indices of instructions; key and value may be one
};

bool is_unchanged(const Program& program, BufferId buffer, std::size_t begin, std::size_t end) {
  const auto first = program.instructions.begin();
  return std::none_of(first + static_cast<std::ptrdiff_t>(begin),
                      first + static_cast<std::ptrdiff_t>(end),
                      [&](const Instruction& instruction) { return writes(instruction, buffer); });
}

std::optional<Site> site_at(const Program& program, std::size_t at) {
  const auto* attention = std::get_if<Attention>(&program.instructions[at]);
  if (attention == nullptr || program.buffer(attention->query.buffer).rows != Rows::k_sequences ||
      attention->head_size < k_smallest_head || attention->distance_scores || attention->rotation ||
      attention->window) {
    return std::nullopt;
  }
  const auto key = find_product(program, attention->key.buffer, at);
  const auto value = find_product(program, attention->value.buffer, at);
  if (!key || !value) return std::nullopt;
  const BufferId input = std::get<Linear>(program.instructions[*key]).input;
  const bool one_input = std::get<Linear>(program.instructions[*value]).input == input;
  if (!one_input || !is_unchanged(program, input, std::min(*key, *value), at)) return std::nullopt;
  return Site{at, *key, *value};
}

FoldedAttention folded(const Program& program, const Site& site) {
  const auto& attention = std::get<Attention>(program.instructions[site.attention]);
  const auto& key = std::get<Linear>(program.instructions[site.key]);
  const auto& value = std::get<Linear>(program.instructions[site.value]);
  FoldedAttention result;
  result.query = attention.query;
  result.input = key.input;
  result.key = {key.weight, attention.key.offset};
  result.value = {value.weight, attention.value.offset};
  result.value_bias = value.bias;
  result.heads = attention.heads;
  result.head_size = attention.head_size;
  result.scale = attention.scale;
  result.output = attention.output;
  return result;
}

}  // namespace

bool fold_attention(Program& program) {
  for (std::size_t at = 0; at < program.instructions.size(); ++at) {
    const auto site = site_at(program, at);
    if (!site) continue;
    program.instructions[at] = folded(program, *site);
    // From the back, so that the other index stays right.
    for (const std::size_t product :
         std::set<std::size_t, std::greater<>>{site->key, site->value}) {
      program.instructions.erase(program.instructions.begin() +
                                 static_cast<std::ptrdiff_t>(product));
    }
    return true;
  }
  return false;
}

}  // namespace hasten::engine
