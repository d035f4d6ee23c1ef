// Dimensions of a tensor of heads, of operators that take it in two forms.
#pragma once

#include <string>

#include "graph/operator_call.h"

namespace hasten::graph {

// [batch, rows, heads * size] or [batch, heads, rows, size], seen by head.
struct HeadDims {
  std::int64_t batch = 0;
  std::int64_t heads = 0;
  std::int64_t rows = 0;
  std::int64_t size = 0;
};

// Of an input; where its heads lie side by side the attribute named counts them. Throws k_malformed for
// other shapes.
template <typename Real>
HeadDims head_dims(const OperatorCall<Real>& call, std::size_t index,
                   const std::string& heads_attribute) {
  const Dims& dims = call.input(index).dims;
  if (dims.size() == 4) return {dims[0], dims[1], dims[2], dims[3]};
  const std::int64_t heads = call.node.integer(heads_attribute, 0);
  call.check_shapes(dims.size() == 3 && heads > 0 && dims[2] % heads == 0);
  return {dims[0], heads, dims[1], dims[2] / heads};
}

}  // namespace hasten::graph
