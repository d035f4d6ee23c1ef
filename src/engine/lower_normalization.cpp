#include "engine/lowering.h"

namespace hasten::engine {

void lower_layer_normalization(Lowering& lowering, const graph::Node& node) {
  const std::int64_t axis = node.integer("axis", -1);
  expect(axis == -1 || axis == 2, "normalisation over the last axis");
  const float epsilon = node.number("epsilon", 1e-5F);
  if (const auto* sum = std::get_if<LookupSum>(&lowering.of(node, 0))) {
    const std::int64_t width = sum->lookups[0].table.dims[1];
    emit_embed(lowering, node, *sum,
               {vector_input(lowering, node, 1, width), optional_vector(lowering, node, 2, width),
                epsilon});
    return;
  }
  const BufferId input = lowering.buffer_of(node, 0);
  const std::int64_t width = lowering.width(input);
  expect(axis == -1 || lowering.rows(input) == Rows::k_tokens, "normalisation over the last axis");
  lowering.emit(node,
                AddNormalize{input,
                             k_no_buffer,
                             {vector_input(lowering, node, 1, width),
                              optional_vector(lowering, node, 2, width), epsilon},
                             {}},
                lowering.rows(input), width);
}

// SkipLayerNormalization(input, skip, gamma, beta?, bias?)
void lower_skip_layer_normalization(Lowering& lowering, const graph::Node& node) {
  const BufferId input = lowering.buffer_of(node, 0);
  const BufferId skip = lowering.buffer_of(node, 1);
  const std::int64_t width = lowering.width(input);
  expect(lowering.width(skip) == width && lowering.rows(skip) == lowering.rows(input),
         "activations of one shape");
  if (Lowering::has_input(node, 4)) {
    const Linear* first = lowering.open_linear(node, 0);
    const std::size_t product = first != nullptr && !first->bias ? 0 : 1;
    attach_bias(lowering, node, product, vector_input(lowering, node, 4, width));
  }
  AddNormalize normalize{
      input,
      skip,
      {vector_input(lowering, node, 2, width), optional_vector(lowering, node, 3, width),
       node.number("epsilon", 1e-12F)},
      {}};
  const bool sum_is_used = node.outputs.size() > 3 && node.outputs[3] != graph::k_no_value &&
                           (!lowering.graph().consumers(node.outputs[3]).empty() ||
                            lowering.graph().is_output(node.outputs[3]));
  if (sum_is_used) {
    normalize.input = emit_sum(lowering, node);
    normalize.residual = k_no_buffer;
    lowering.set(node.outputs[3], normalize.input);
  }
  lowering.emit(node, std::move(normalize), lowering.rows(input), width);
}

}  // namespace hasten::engine
