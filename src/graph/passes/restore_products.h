// What a quantiser made of a graph, back to products of activations with stored weights.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

// For an arithmetic of one's own: products that ONNX Runtime's quantiser split into steps
// (DynamicQuantizeLinear with MatMulInteger, DynamicQuantizeMatMul, MatMulIntegerToFloat,
// QAttention) or wrote over integers (restore_qlinear.h) become MatMul or Attention over DequantizeLinear of the weights, or of two activations
// where both sides were rounded, activations are no longer rounded (QuantizeLinear with DequantizeLinear), and stored integers that are no int8
// matrix with one scale per column become floating constants. The results differ by what rounding
// the activations changed. Returns how many nodes were rewritten.
std::size_t restore_products(Graph& graph);

}  // namespace hasten::graph
