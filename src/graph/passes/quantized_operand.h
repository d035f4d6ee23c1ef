// Operands of products as ONNX Runtime's quantiser leaves them.
#pragma once

#include <optional>

#include "graph/graph.h"

namespace hasten::graph {

// The activation behind DynamicQuantizeLinear's first output, or behind QuantizeLinear; k_no_value
// for other values.
ValueId before_quantizing(const Graph& graph, ValueId quantized);

// Adds DequantizeLinear(weight, scale, zero_point), one scale per column or one for all; nothing
// when an operand is no constant.
std::optional<ValueId> add_dequantized(Graph& graph, ValueId weight, ValueId scale,
                                       ValueId zero_point);

// Adds the product of an activation with weights, and the bias if there is one.
ValueId add_product(Graph& graph, ValueId activation, ValueId weight, ValueId bias,
                    const std::string& name);

}  // namespace hasten::graph
