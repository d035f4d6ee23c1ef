// Rows of tables that are looked up, and their sums.
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

bool lower_lookup_sum(Lowering& lowering, const graph::Node& node) {
  const auto* left = lowering.find<LookupSum>(node, 0);
  const auto* right = lowering.find<LookupSum>(node, 1);
  if (left == nullptr || right == nullptr) return false;
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
