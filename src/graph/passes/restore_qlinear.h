// Operators on integers, back to those on numbers.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

//   y = QLinearMatMul(a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero)
//     ==>   y = QuantizeLinear(MatMul(DequantizeLinear(a, ...), DequantizeLinear(b, ...)), y_scale, y_zero)
//
// and so for QLinearAdd, QLinearMul, QLinearSigmoid, QLinearLeakyRelu, QLinearSoftmax, QLinearReduceMean,
// QLinearConcat, QLinearWhere and QGemm: the form in which quantised files of the other kind are
// (QDQ). Integers that are only moved in between (Reshape, Transpose, Split, ...) are moved as numbers. Returns
// how many operators were rewritten.
std::size_t restore_qlinear(Graph& graph);

//   y = MatMulNBits(x, blocks, scales, zeros, _, bias)     ==>   y = Add(MatMul(x, const w), bias)
void restore_block_products(Graph& graph);

}  // namespace hasten::graph
