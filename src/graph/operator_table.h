// The operators that the interpreter knows.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "graph/operator_call.h"

namespace hasten::graph {

template <typename Real>
using OperatorBody = void (*)(OperatorCall<Real>&);

// Operator type and domain -> body.
template <typename Real>
using OperatorTable = std::map<std::pair<std::string, std::string>, OperatorBody<Real>>;

// One function for each family, in the file of its name (interpret_elementwise.cpp ...).
template <typename Real>
void add_unary_operators(OperatorTable<Real>& table);
template <typename Real>
void add_elementwise_operators(OperatorTable<Real>& table);
template <typename Real>
void add_logic_operators(OperatorTable<Real>& table);
template <typename Real>
void add_matmul_operators(OperatorTable<Real>& table);
template <typename Real>
void add_block_product_operators(OperatorTable<Real>& table);
template <typename Real>
void add_shape_operators(OperatorTable<Real>& table);
template <typename Real>
void add_index_operators(OperatorTable<Real>& table);
template <typename Real>
void add_generator_operators(OperatorTable<Real>& table);
template <typename Real>
void add_reduce_operators(OperatorTable<Real>& table);
template <typename Real>
void add_normalize_operators(OperatorTable<Real>& table);
template <typename Real>
void add_activation_operators(OperatorTable<Real>& table);
template <typename Real>
void add_attention_operators(OperatorTable<Real>& table);
template <typename Real>
void add_onnx_attention_operators(OperatorTable<Real>& table);
template <typename Real>
void add_rotary_embedding_operators(OperatorTable<Real>& table);
template <typename Real>
void add_quantize_operators(OperatorTable<Real>& table);
template <typename Real>
void add_qlinear_operators(OperatorTable<Real>& table);
template <typename Real>
void add_einsum_operators(OperatorTable<Real>& table);
template <typename Real>
void add_convolution_operators(OperatorTable<Real>& table);
template <typename Real>
void add_control_operators(OperatorTable<Real>& table);

template <typename Real>
const OperatorTable<Real>& operator_table();

}  // namespace hasten::graph
