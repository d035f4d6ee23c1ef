// Rows of tables that are looked up, and their sums.
#include <algorithm>

#include "engine/lower_weights.h"
#include "engine/lowering.h"

namespace hasten::engine {
namespace {

Lookup lookup_in(const Lowering& lowering, const graph::Node& node, std::size_t table_input,
                 TokenIndex index) {
  const auto table = find_table(lowering.graph(), node.inputs[table_input]);
  expect(table.has_value(), "a constant embedding table");
  const std::int64_t first =
      index.source == IndexSource::k_padded_position ? index.offset + 1 : index.offset;
  expect(index.offset >= 0 && first < table->dims[0],
         "an embedding table with a row for the first index");
  return {*table, index.source, index.offset};
}

}  // namespace

// Gather(table, indices) looks rows up; Gather(activation, 0, axis=1) takes the first token.
void lower_gather(Lowering& lowering, const graph::Node& node) {
  if (const auto buffer = lowering.find_buffer(node, 0)) {
    expect(lowering.rows(*buffer) == Rows::k_tokens && node.integer("axis", 0) == 1 &&
               find_integer(lowering.graph(), node.inputs[1]) == 0,
           "the first token (axis 1, index 0) to be taken");
    lowering.emit(node, Pool{*buffer, PoolKind::k_first_token, {}}, Rows::k_sequences,
                  lowering.width(*buffer));
    return;
  }
  expect(node.integer("axis", 0) == 0, "rows of a table to be looked up (axis 0)");
  lowering.set(node.outputs[0],
               LookupSum{{lookup_in(lowering, node, 0, lowering.index_of(node, 1))}});
}

namespace {

// A constant [1, length, width], or [length, width], for texts of one length: rows that were looked up by position.
std::optional<LookupSum> looked_up_before(const Lowering& lowering, const graph::Node& node,
                                          std::size_t input) {
  if (!lowering.has_padding() || !lowering.graph().is_constant(node.inputs[input]))
    return std::nullopt;
  Tensor table = *lowering.graph().value(node.inputs[input]).constant;
  if (table.dims.size() == 3 && table.dims[0] == 1) table.dims.erase(table.dims.begin());
  if (!is_floating(table.dtype) || table.dims.size() != 2 ||
      table.dims[0] != lowering.lengths().fixed_length()) {
    return std::nullopt;
  }
  return LookupSum{{{std::move(table), IndexSource::k_position, 0}}};
}

std::optional<LookupSum> lookups_of(const Lowering& lowering, const graph::Node& node,
                                    std::size_t input) {
  if (const auto* sum = lowering.find<LookupSum>(node, input)) return *sum;
  return looked_up_before(lowering, node, input);
}

// The sum with a vector added to every row of its smallest table.
std::optional<LookupSum> with_vector(const Lowering& lowering, const graph::Node& node,
                                     std::size_t input, const LookupSum& sum) {
  const auto vector = find_vector(lowering.graph(), node.inputs[input]);
  const std::int64_t width = sum.lookups[0].table.dims[1];
  if (!vector || vector->size() != width || vector->dims.back() != width) return std::nullopt;
  LookupSum shifted = sum;
  Lookup& lookup = *std::min_element(
      shifted.lookups.begin(), shifted.lookups.end(),
      [](const Lookup& a, const Lookup& b) { return a.table.dims[0] < b.table.dims[0]; });
  if (lookup.table.dims[1] != width) return std::nullopt;
  std::vector<float> rows = to_float32(lookup.table);
  const std::span<const float> added = values_of<float>(*vector);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] += added[i % added.size()];
  lookup.table = make_tensor<float>(lookup.table.dims, std::move(rows));
  return shifted;
}

// Where one operand is a constant vector.
bool lower_shifted_lookups(Lowering& lowering, const graph::Node& node) {
  for (const std::size_t constant : {std::size_t{1}, std::size_t{0}}) {
    const auto* sum = lowering.find<LookupSum>(node, 1 - constant);
    auto shifted = sum == nullptr ? std::nullopt : with_vector(lowering, node, constant, *sum);
    if (!shifted) continue;
    lowering.set(node.outputs[0], std::move(*shifted));
    return true;
  }
  return false;
}

}  // namespace

bool lower_lookup_sum(Lowering& lowering, const graph::Node& node) {
  if (lowering.find<LookupSum>(node, 0) == nullptr && lowering.find<LookupSum>(node, 1) == nullptr)
    return false;
  const auto left = lookups_of(lowering, node, 0);
  const auto right = lookups_of(lowering, node, 1);
  if (!left || !right) return lower_shifted_lookups(lowering, node);
  LookupSum sum = *left;
  sum.lookups.insert(sum.lookups.end(), right->lookups.begin(), right->lookups.end());
  lowering.set(node.outputs[0], std::move(sum));
  return true;
}

void emit_embed(Lowering& lowering, const graph::Node& node, LookupSum sum,
                Normalization normalization) {
  const std::int64_t width = sum.lookups[0].table.dims[1];
  for (const Lookup& lookup : sum.lookups) {
    expect(lookup.table.dims[1] == width, "embedding tables of one width");
  }
  lowering.emit(node, Embed{std::move(sum.lookups), std::move(normalization), {}}, Rows::k_tokens,
                width);
}

// EmbedLayerNormalization(ids, types?, words, positions, types_table?, gamma, beta, mask?,
// position_ids?)
void lower_embed_layer_normalization(Lowering& lowering, const graph::Node& node) {
  LookupSum sum;
  sum.lookups.push_back(lookup_in(lowering, node, 2, lowering.index_of(node, 0)));
  TokenIndex position{IndexSource::k_position};
  if (Lowering::has_input(node, 8)) position = lowering.index_of(node, 8);
  sum.lookups.push_back(lookup_in(lowering, node, 3, position));
  if (Lowering::has_input(node, 4)) {
    const TokenIndex type = Lowering::has_input(node, 1) ? lowering.index_of(node, 1)
                                                         : TokenIndex{IndexSource::k_type_id};
    sum.lookups.push_back(lookup_in(lowering, node, 4, type));
  }
  const std::int64_t width = sum.lookups[0].table.dims[1];
  Normalization normalization{vector_input(lowering, node, 5, width),
                              vector_input(lowering, node, 6, width),
                              node.number("epsilon", 1e-12F)};
  emit_embed(lowering, node, std::move(sum), std::move(normalization));
  // The mask index that this operator may also give stands for the mask.
  if (node.outputs.size() > 1 && node.outputs[1] != graph::k_no_value) {
    lowering.set(node.outputs[1], MaskValue{});
  }
}

}  // namespace hasten::engine
