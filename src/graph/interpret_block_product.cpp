// Products with matrices of small integers in blocks (com.microsoft).
#include "graph/block_weights.h"
#include "graph/inner_call.h"
#include "graph/operator_table.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_zero_input = 3;
constexpr std::size_t k_order_input = 4;
constexpr std::size_t k_bias_input = 5;
constexpr std::int64_t k_inner_opset = 13;

template <typename Real>
std::vector<double> numbers(std::span<const Real> values) {
  return {values.begin(), values.end()};
}

// A, B in blocks, scales, zero points, the order of the rows, bias.
template <typename Real>
void block_product(OperatorCall<Real>& call) {
  const auto form = block_form(call.node);
  if (!form) call.unsupported("matrices of that form");
  if (call.has(k_order_input)) call.unsupported("rows in another order (g_idx)");
  std::span<const std::int64_t> packed_zeros;
  std::vector<double> zeros;
  if (call.has(k_zero_input)) {
    if (call.input(k_zero_input).floating()) {
      zeros = numbers<Real>(call.reals(k_zero_input));
    } else {
      packed_zeros = call.integers(k_zero_input);
    }
  }
  const auto matrix =
      block_weights(*form, call.integers(1), numbers<Real>(call.reals(2)), packed_zeros, zeros);
  call.check_shapes(matrix.has_value());
  const DType dtype = call.input(0).dtype;
  Array<Real> weight = make_reals<Real>(dtype, {form->inputs, form->outputs},
                                        std::vector<Real>(matrix->begin(), matrix->end()));
  auto product =
      inner_call<Real>(call, "MatMul", "", k_inner_opset, {}, {call.input(0), std::move(weight)});
  if (call.has(k_bias_input)) {
    product = inner_call<Real>(call, "Add", "", k_inner_opset, {},
                               {product.at(0), call.input(k_bias_input)});
  }
  call.emit(product.at(0));
}

}  // namespace

template <typename Real>
void add_block_product_operators(OperatorTable<Real>& table) {
  table[{"MatMulNBits", std::string(k_microsoft_domain)}] = block_product<Real>;
}

template void add_block_product_operators(OperatorTable<float>&);
template void add_block_product_operators(OperatorTable<double>&);

}  // namespace hasten::graph
