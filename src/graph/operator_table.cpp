#include "graph/operator_table.h"

#include <algorithm>

#include "graph/interpreter.h"

namespace hasten::graph {

template <typename Real>
const OperatorTable<Real>& operator_table() {
  static const OperatorTable<Real> table = [] {
    OperatorTable<Real> all;
    add_unary_operators(all);
    add_elementwise_operators(all);
    add_logic_operators(all);
    add_matmul_operators(all);
    add_block_product_operators(all);
    add_shape_operators(all);
    add_index_operators(all);
    add_generator_operators(all);
    add_reduce_operators(all);
    add_normalize_operators(all);
    add_activation_operators(all);
    add_attention_operators(all);
    add_onnx_attention_operators(all);
    add_rotary_embedding_operators(all);
    add_quantize_operators(all);
    add_qlinear_operators(all);
    add_einsum_operators(all);
    add_convolution_operators(all);
    add_control_operators(all);
    return all;
  }();
  return table;
}

template const OperatorTable<float>& operator_table();
template const OperatorTable<double>& operator_table();

bool interpreter_supports(std::string_view op_type, std::string_view domain) {
  return operator_table<double>().contains({std::string(op_type), std::string(domain)});
}

std::vector<std::pair<std::string, std::string>> supported_operators() {
  std::vector<std::pair<std::string, std::string>> operators;
  for (const auto& [key, body] : operator_table<double>())
    operators.emplace_back(key.second, key.first);
  std::sort(operators.begin(), operators.end());
  return operators;
}

}  // namespace hasten::graph
